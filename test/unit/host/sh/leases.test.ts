import { existsSync, readdirSync, readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { called, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const leases = "/var/lib/pulumi-nspawn/networks";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "case $* in *@running.service) ;; *) exit 3 ;; esac" });
});
afterEach(() => host.remove());

/** A machine's part of the table of a network. */
function part(network: string, machine: string, address: string): void {
  const text = `# Managed.\n# address ${address}\n# port tcp 80\nadd rule ip nat x # address 192.0.2.9\n`;
  host.write(`/etc/pulumi-nspawn/nftables/60-${network}.${machine}.nft`, text);
}

function list(network: string, ...rows: string[]): void {
  host.write(`${leases}/${network}.leases`, rows.map((row) => `${row}\n`).join(""));
}

const listed = (network = "dev") => readFileSync(host.at(`${leases}/${network}.leases`), "utf8");

describe("lease_parts", () => {
  const parts = () => printed(host, sh`lease_parts dev`);

  test("prints the address and the machine of each part", () => {
    part("dev", "web", "10.42.1.128");
    part("dev", "my.box-1", "10.42.1.129");
    expect(parts()).toBe("10.42.1.129 my.box-1\n10.42.1.128 web\n");
  });

  test("prints nothing of other networks, nor where there is no part", () => {
    expect(parts()).toBe("");
    part("dev-2", "web", "10.42.2.128");
    part("de", "web", "10.42.3.128");
    host.write("/etc/pulumi-nspawn/nftables/50-dev.nft", "# address 10.42.1.1\n");
    expect(parts()).toBe("");
  });
});

describe("lease_lines", () => {
  const all = () => printed(host, sh`lease_lines dev`);

  test("prints the leases of a network, and then those of its parts", () => {
    list("dev", "10.42.1.130 old", "10.42.1.128 web");
    list("dev-2", "10.42.2.130 other");
    part("dev", "web", "10.42.1.128");
    expect(all()).toBe("10.42.1.130 old\n10.42.1.128 web\n10.42.1.128 web\n");
  });

  test("prints the parts where there is no list, and nothing where there is neither", () => {
    expect(all()).toBe("");
    part("dev", "web", "10.42.1.128");
    expect(all()).toBe("10.42.1.128 web\n");
  });
});

describe("lease_gone", () => {
  const gone = (machine: string) => host.holds(sh`lease_gone ${machine}`);

  test("holds for a machine that no resource has and that does not run", () => {
    expect(gone("web")).toBe(true);
    expect(called(host)).toEqual(["systemctl -q is-active systemd-nspawn@web.service"]);
  });

  test("does not hold for a machine that a resource has, and then asks no systemd", () => {
    host.write("/var/lib/pulumi-nspawn/machines/web.json", "{}");
    expect([gone("web"), called(host)]).toEqual([false, []]);
  });

  test("does not hold for a machine that runs", () => {
    expect(gone("running")).toBe(false);
  });
});

describe("lease_write", () => {
  const write = (machine: string, address: string) => host.run(sh`lease_write dev ${machine} ${address}`);

  test("makes the list, and the directory that it is in", () => {
    write("web", "10.42.1.128");
    expect(listed()).toBe("10.42.1.128 web\n");
  });

  test("puts a lease at the end, in the place of those of its address and its machine", () => {
    list("dev", "10.42.1.128 one", "10.42.1.129 two", "10.42.1.130 three", "10.42.1.131 four");
    write("three", "10.42.1.128");
    expect(listed()).toBe("10.42.1.129 two\n10.42.1.131 four\n10.42.1.128 three\n");
  });

  test("keeps what the parts say too, each address once", () => {
    list("dev", "10.42.1.128 one");
    part("dev", "one", "10.42.1.128");
    part("dev", "two", "10.42.1.129");
    write("three", "10.42.1.130");
    expect(listed()).toBe("10.42.1.128 one\n10.42.1.129 two\n10.42.1.130 three\n");
  });

  test("takes names and addresses for what they are, not for patterns or beginnings", () => {
    list("dev", "10.42.1.1 a.b", "10.42.1.12 axb", "10.42.1.13 a");
    write("a.b", "10.42.1.2");
    expect(listed()).toBe("10.42.1.12 axb\n10.42.1.13 a\n10.42.1.2 a.b\n");
  });

  test("writes a new list aside, and touches no other network's", () => {
    list("dev-2", "10.42.1.128 web");
    write("web", "10.42.1.128");
    expect(readdirSync(host.at(leases)).sort()).toEqual(["dev-2.leases", "dev.leases"]);
    expect(listed("dev-2")).toBe("10.42.1.128 web\n");
  });
});

describe("lease_list", () => {
  test("writes rows, or none", () => {
    const file = `${leases}/dev.leases`;
    host.run(sh`lease_list ${file} ${"10.42.1.1 a\n10.42.1.2 b"}`);
    expect(listed()).toBe("10.42.1.1 a\n10.42.1.2 b\n");
    host.run(sh`lease_list ${file} ""`);
    expect(listed()).toBe("");
  });

  test("keeps the old list on a full disk, and nothing besides", () => {
    list("dev", "10.42.1.128 one");
    host.run(sh`( trap '' XFSZ; ulimit -f 0; lease_write dev two 10.42.1.129 ) 2>&1 | cat`);
    expect([listed(), readdirSync(host.at(leases))]).toEqual(["10.42.1.128 one\n", ["dev.leases"]]);
  });
});

/** An address as a number. */
const numbered = (address: string) => address.split(".").reduce((number, part) => number * 256 + Number(part), 0);

describe("lease_places", () => {
  const places = (first: string, last: string, ...rows: string[]) =>
    printed(host, sh`printf '%s\n' ${rows} | lease_places ${numbered(first)} ${numbered(last)}`);

  test("prints where in the subnet each address is, before the lease", () => {
    expect(places("10.42.1.0", "10.42.1.255", "10.42.1.9 my.box", "10.42.1.128 web")).toBe(
      "9 10.42.1.9 my.box\n128 10.42.1.128 web\n",
    );
  });

  test("leaves out what is outside, and the host's own and the last address", () => {
    const inside = ["10.42.1.130 second", "10.42.1.142 last-but-one"];
    const outside = [
      "10.42.1.127 a",
      "10.42.1.128 b",
      "10.42.1.129 c",
      "10.42.1.143 d",
      "10.42.1.144 e",
      "10.42.2.130 f",
    ];
    expect(places("10.42.1.128", "10.42.1.143", ...outside, ...inside)).toBe(
      "2 10.42.1.130 second\n14 10.42.1.142 last-but-one\n",
    );
  });

  test("counts right where numbers have more than 31 bits", () => {
    expect(places("223.255.248.0", "223.255.255.255", "223.255.255.254 web", "223.255.248.2 x", "127.0.0.1 y")).toBe(
      "2046 223.255.255.254 web\n2 223.255.248.2 x\n",
    );
  });
});

describe("lease_at", () => {
  test.each([
    ["10.42.1.0", 2, "10.42.1.2"],
    ["10.42.1.0", 128, "10.42.1.128"],
    ["10.42.255.0", 258, "10.43.0.2"],
    ["192.168.200.0", 1024, "192.168.204.0"],
    ["223.255.248.0", 2046, "223.255.255.254"],
    ["0.0.0.0", 5, "0.0.0.5"],
  ])("prints the address that is from %s so far away: %i", (first, place, address) => {
    expect(printed(host, sh`lease_at ${numbered(first)} ${place}`)).toBe(`${address}\n`);
  });

  test("is the reverse of what lease_places prints", () => {
    const [first, last] = [numbered("172.16.0.0"), numbered("172.31.255.255")];
    const there = sh`lease_at ${first} 1000000 | lease_places ${first} ${last} | cut -d ' ' -f 1`;
    expect(printed(host, there)).toBe("1000000\n");
  });
});

test("looking at leases makes no list", () => {
  host.run(sh`lease_lines dev; lease_parts dev`);
  expect(existsSync(host.at(leases))).toBe(false);
});
