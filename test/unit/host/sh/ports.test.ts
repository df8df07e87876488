import { sh } from "../../../../provider/host/sh";
import { machinePart } from "../../../../provider/nftables/table";
import { ScratchHost } from "../support/scratch-host";

const parts = "/etc/pulumi-nspawn/nftables";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ ss: "" });
});
afterEach(() => host.remove());

describe("ports_of_machines", () => {
  const ports = () => host.printed(sh`ports_of_machines`);
  const part = (network: string, machine: string, ...ports: readonly string[]) =>
    host.write(`${parts}/60-${network}.${machine}.nft`, machinePart({ address: "10.42.1.2", ports }));

  test("a host without machines has no ports", () => {
    expect(ports()).toBe("");
    host.write(`${parts}/50-dev.nft`, "# port tcp * 1 1\n");
    expect(ports()).toBe("");
  });

  test("each port of each machine is a line with the name of the machine, dots and all", () => {
    part("dev", "my.box", "8080:80/tcp", "192.0.2.1:9000-9010:1-11/udp");
    part("dev", "web");
    part("prod", "db", "[2001:db8::1]:5432:5432/tcp");
    expect(ports().split("\n")).toEqual([
      "tcp * 8080 8080 my.box",
      "udp 192.0.2.1 9000 9010 my.box",
      "tcp 2001:db8::1 5432 5432 db",
    ]);
  });

  test("only comments of their own lines are ports", () => {
    host.write(`${parts}/60-dev.web.nft`, "add rule x # port tcp * 1 1\n# ports tcp * 2 2\n # port tcp * 3 3\n");
    expect(ports()).toBe("");
  });
});

describe("ports_listening", () => {
  const listening = (...lines: readonly string[]) => {
    host.program("ss", sh`printf '%s\n' ${lines}`.text);
    return host.printed(sh`ports_listening`).split("\n");
  };

  test("what listens is asked for once, with its processes", () => {
    expect(host.printed(sh`ports_listening`)).toBe("");
    expect(host.calls()).toEqual(["ss -H -l -t -u -n -p"]);
  });

  test.each([
    ["0.0.0.0:22", "* 22 22"],
    ["[::]:22", "* 22 22"],
    ["*:22", "* 22 22"],
    ["192.0.2.1:443", "192.0.2.1 443 443"],
    ["[2001:db8::1]:443", "2001:db8::1 443 443"],
    ["[fe80::1]%eth0:546", "fe80::1 546 546"],
    ["127.0.0.53%lo:53", "127.0.0.53 53 53"],
  ])("the address and port of %s are %s", (local, port) => {
    const peer = "0.0.0.0:*";
    expect(listening(`tcp LISTEN 0 128 ${local} ${peer} users:(("sshd",pid=71,fd=3))`)).toEqual([`tcp ${port} sshd`]);
  });

  test("a process is the first of those that listen, by its name as it is", () => {
    expect(
      listening(
        'tcp LISTEN 0 511 192.0.2.1:443 0.0.0.0:* users:(("nginx: a (b)",pid=90,fd=6),("other",pid=89,fd=6))',
        "udp UNCONN 0 0 [::1]:631 [::]:*",
      ),
    ).toEqual(["tcp 192.0.2.1 443 443 nginx: a (b)", "udp ::1 631 631 a process"]);
  });
});

describe("ports_first", () => {
  const first = (wanted: readonly string[], there: readonly string[]) =>
    host.printed(sh`printf '%s\n' ${there} | ports_first ${wanted.join("\n")}`);

  test("a port that is there is found, with who has it", () => {
    expect(first(["tcp * 80 80"], ["tcp * 22 22 sshd", "tcp * 80 80 the web  server"])).toBe("80 tcp the web  server");
  });

  test("nothing is found among nothing", () => {
    expect(first([], ["tcp * 80 80 web"])).toBe("");
    expect(first(["tcp * 80 80"], [])).toBe("");
  });

  test("a port of another protocol is another one", () => {
    expect(first(["udp * 80 80"], ["tcp * 80 80 web"])).toBe("");
  });

  test.each([
    ["*", "*", true],
    ["*", "192.0.2.1", true],
    ["192.0.2.1", "*", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.10", false],
    ["2001:db8::1", "192.0.2.1", false],
  ])("that a port of %s is one of %s is %s", (wanted, there, same) => {
    expect(first([`tcp ${wanted} 80 80`], [`tcp ${there} 80 80 web`])).toBe(same ? "80 tcp web" : "");
  });

  test.each([
    ["80 80", "70 90", "80 tcp web"],
    ["70 90", "80 80", "80 tcp web"],
    ["70 80", "80 90", "80 tcp web"],
    ["80 90", "70 80", "80 tcp web"],
    ["79 80", "81 90", ""],
    ["81 90", "79 80", ""],
    ["9 9", "80 100", ""],
    ["100 200", "90 1000", "100 tcp web"],
  ])("of the wanted ports %s and those of %s the first one is %j", (wanted, there, found) => {
    expect(first([`tcp * ${wanted}`], [`tcp * ${there} web`])).toBe(found);
  });

  test("each of several wanted ports is looked for, and one is enough", () => {
    const there = ["tcp * 22 22 sshd", "udp * 53 53 dns", "tcp * 80 80 web"];
    expect(first(["tcp * 1 1", "udp * 53 53", "tcp * 80 80"], there)).toBe("53 udp dns");
  });
});
