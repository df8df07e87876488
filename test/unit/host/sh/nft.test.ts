import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const file = "/etc/pulumi-nspawn/nftables.nft";
const IN_KERNEL = "nft --stateless list table inet pulumi_nspawn";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({
    nft: "",
    unshare: '[ "$1" = --net ]; shift; IN_NAMESPACE=yes; export IN_NAMESPACE; exec "$@"',
  });
});
afterEach(() => host.remove());

const load = `nft -f ${file}`;
const called = () => host.calls().map((call) => call.replaceAll(host.at(file), file));

/** An nft that lists these tables: the one in the kernel, none if it is empty, and the one that the files make in a namespace. */
const tables = (kernel: string, files: string) =>
  host.program(
    "nft",
    sh`case $1:\${IN_NAMESPACE:-no} in
  --stateless:no) [ -n ${kernel} ] || { echo 'No such file or directory' >&2; exit 1; }; printf '%s\n' ${kernel} ;;
  --stateless:yes) printf '%s\n' ${files} ;;
esac`.text,
  );

describe("table_wanted", () => {
  test("the table of the files is what nft makes of them in a network namespace of its own", () => {
    tables("table live", "table wanted");
    expect(host.printed(sh`table_wanted`)).toBe("table wanted");
    const [first, ...others] = called();
    expect(first).toMatch(/^unshare --net sh -c /);
    expect(others).toEqual([load, IN_KERNEL]);
  });

  test("files that nft does not take are a failure, and no table is printed", () => {
    host.program("nft", "case $1 in -f) exit 1 ;; *) echo old ;; esac");
    expect(host.holds(sh`table_wanted`)).toBe(false);
    expect(called()).not.toContain(IN_KERNEL);
  });

  test("a host that gives no namespace is a failure", () => {
    host.program("unshare", "exit 1");
    expect(host.holds(sh`table_wanted`)).toBe(false);
    expect(called()).not.toContain(load);
  });
});

describe("table_live", () => {
  test("the table in the kernel is printed without counters", () => {
    tables("table live", "table wanted");
    expect(host.printed(sh`table_live`)).toBe("table live");
    expect(called()).toEqual([IN_KERNEL]);
  });

  test("a kernel without the table prints nothing, and that is no failure", () => {
    tables("", "");
    expect(host.printed(sh`table_live`)).toBe("");
  });
});

describe("table_load", () => {
  /** Loads outside of a namespace. */
  const loads = () => {
    expect(host.run(sh`table_load`)).toEqual([]);
    const calls = called();
    const inside = calls.some((call) => call.startsWith("unshare ")) ? 1 : 0;
    return calls.filter((call) => call === load).length - inside;
  };

  test("a host without files has nothing to load", () => {
    expect(loads()).toBe(0);
    expect(host.calls()).toEqual([]);
  });

  test("a table that is as the files say is not loaded again", () => {
    host.write(file, "table inet pulumi_nspawn\n");
    tables("table same", "table same");
    expect(loads()).toBe(0);
  });

  test("a table that is not as the files say is loaded", () => {
    host.write(file, "table inet pulumi_nspawn\n");
    tables("table live", "table wanted");
    expect(loads()).toBe(1);
  });

  test("a table that is not there is loaded", () => {
    host.write(file, "table inet pulumi_nspawn\n");
    tables("", "table wanted");
    expect(loads()).toBe(1);
  });

  test("files that nft does not take are a failure, also on a host without a table", () => {
    host.write(file, "table inet pulumi_nspawn\n");
    host.program("nft", "exit 1");
    expect(() => host.run(sh`table_load; answer after`)).toThrow("exit status 1");
  });

  test("a table that the kernel does not take ends the script", () => {
    host.write(file, "table inet pulumi_nspawn\n");
    host.program("nft", "case $1 in -f) exit 1 ;; *) echo old ;; esac");
    expect(() => host.run(sh`table_load; answer after`)).toThrow("exit status 1");
  });
});

describe("table_delete", () => {
  test("the table is deleted", () => {
    expect(host.run(sh`table_delete`)).toEqual([]);
    expect(host.calls()).toEqual(["nft delete table inet pulumi_nspawn"]);
  });

  test("a table that is gone already is no failure", () => {
    host.program("nft", "echo 'No such file or directory' >&2; exit 1");
    expect(host.run(sh`table_delete; answer after`)).toEqual([{ key: "after", values: [] }]);
  });
});
