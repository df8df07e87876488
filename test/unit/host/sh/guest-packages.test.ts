import { existsSync, readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { called } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ sleep: "" }, ["/run/pulumi-nspawn-apt.conf"]);
  host.program(
    "dpkg-query",
    `for name; do :; done
case $name in has* | required | essential) ;; *) exit 1 ;; esac
case $*:$name in
  *Status*) echo installed ;;
  *:required) printf 'essential no\\npriority required\\n' ;;
  *:essential) printf 'essential yes\\npriority optional\\n' ;;
  *) printf 'essential no\\npriority optional\\n' ;;
esac`,
  );
  host.write("run/x", "");
  host.program("apt-get", `cat "$APT_CONFIG" >${host.at("options")}`);
});
afterEach(() => host.remove());

const OPTIONS = 'Acquire::http::Proxy "http://a b\\c";\n';
const APT = "apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confold";
const about = sh`package_priorities='required important' package_patience=10 package_retries='Retries "false";'
package_options=${Buffer.from(OPTIONS).toString("base64")}`;
const change = (wanted: string, unwanted: string) =>
  host.ended(sh`${about}; package_wanted=${wanted} package_unwanted=${unwanted}; package_change`);
const apt = () => called(host).filter((call) => call.startsWith("apt-get"));

test("package_apt keeps changed settings, and fails as apt does", () => {
  host.program("apt-get", "exit 7");
  expect(host.ended(sh`${about}; package_apt install "a b"; echo later`)).toMatchObject({ status: 7, stdout: "" });
  expect(apt()).toEqual([`${APT} install a b`]);
});

describe("package_change", () => {
  test("what is there, or gone, is left as it is, and apt is not asked", () => {
    expect(change("has1 has2", "gone1 gone2")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(change("", "")).toMatchObject({ status: 0 });
    expect(apt()).toEqual([]);
  });

  test("new packages come and others go in one transaction, after new lists", () => {
    expect(change("has1 new1 new2", "has2 gone1")).toMatchObject({ status: 0 });
    expect(apt()).toEqual([`${APT} update`, `${APT} install new1 new2 has2-`]);
  });

  test("without new packages no lists are read", () => {
    expect(change("has1", "has2")).toMatchObject({ status: 0 });
    expect(apt()).toEqual([`${APT} install has2-`]);
  });

  test("what a system needs is not removed", () => {
    expect(change("", "essential required")).toMatchObject({ status: 0 });
    expect(apt()).toEqual([]);
  });

  test("apt gets the options of the host, in a file that is removed again", () => {
    change("new", "");
    expect(readFileSync(host.at("options"), "utf8")).toBe(`${OPTIONS}Retries "false";\n`);
    expect(existsSync(host.at("run/pulumi-nspawn-apt.conf"))).toBe(false);
  });

  test.each(["update", "install"])("a failing %s fails it, with the status of apt, and removes the file", (what) => {
    host.program("apt-get", `case "$*" in *" ${what}"*) exit 9 ;; esac`);
    expect(change("new", "").status).toBe(9);
    expect(apt().at(-1)).toContain(what);
    expect(existsSync(host.at("run/pulumi-nspawn-apt.conf"))).toBe(false);
  });

  test("whoever holds apt's lock is shown in the output", () => {
    host.program("apt-get", "echo 'E: Could not get lock /x. It is held by process 7 (p)' >&2; exit 100");
    const { status, stdout } = change("new", "");
    expect(status).toBe(100);
    expect(stdout).toBe("pulumi-nspawn: waiting for another run of apt: /x: It is held by process 7 (p)\n");
  });
});
