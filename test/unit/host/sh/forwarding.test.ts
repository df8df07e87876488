import { existsSync, readFileSync, statSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const ipv4 = "proc/sys/net/ipv4/ip_forward";
const ipv6 = "proc/sys/net/ipv6/conf/all/forwarding";
const before = "var/lib/pulumi-nspawn/forwarding";
const sysctl = "etc/sysctl.d/91-pulumi-nspawn-accept-ra.conf";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ ip: "", busctl: "echo 'a(ssso) 0'" }, ["/proc/sys", "/etc/sysctl.d"]);
  host.write(ipv4, "0\n");
  host.write(ipv6, "0\n");
});
afterEach(() => host.remove());

const text = (path: string) => readFileSync(host.at(path), "utf8");
const there = (path: string) => existsSync(host.at(path));

describe("forwarding_enable", () => {
  const enable = (families: string) => expect(host.run(sh`forwarding_enable ${families}`)).toEqual([]);
  const acceptRa = (link: string) => `proc/sys/net/ipv6/conf/${link}/accept_ra`;
  const routes = (...lines: readonly string[]) => host.program("ip", sh`printf '%s\n' ${lines}`.text);

  test("a host that does not forward IPv4 does then, and it is noted for root that it did not", () => {
    enable("");
    expect(text(ipv4)).toBe("1\n");
    expect(text(before)).toBe("0");
    expect(statSync(host.at(before)).mode & 0o777).toBe(0o600);
  });

  test("a host that forwards IPv4 already is let be, and nothing is noted", () => {
    host.write(ipv4, "1\n");
    enable("");
    expect(text(ipv4)).toBe("1\n");
    expect(there(before)).toBe(false);
  });

  test("what is noted stays noted when it is enabled again", () => {
    enable("");
    enable("");
    expect(text(before)).toBe("0");
  });

  test("a host that was started again forwards again, with what was noted before", () => {
    routes("default via fe80::1 dev eth0 metric 1024");
    for (const start of ["first", "second"]) {
      host.write(ipv4, "0\n");
      host.write(ipv6, "0\n");
      host.write(acceptRa("eth0"), "1\n");
      enable("ipv6");
      expect([start, ...[ipv4, ipv6, before].map(text)]).toEqual([start, "1\n", "1\n", "0"]);
      expect(text(sysctl)).toContain("net/ipv6/conf/eth0/accept_ra = 2\n");
    }
  });

  test("IPv6 is forwarded only for those who have it", () => {
    enable("");
    expect(text(ipv6)).toBe("0\n");
    expect(host.calls()).toEqual([]);
    enable("ipv6");
    expect(text(ipv6)).toBe("1\n");
    expect(there(sysctl)).toBe(false);
  });

  test("IPv6 is forwarded also where IPv4 was already", () => {
    host.write(ipv4, "1\n");
    enable("ipv6");
    expect(text(ipv6)).toBe("1\n");
  });

  test("links whose default route the kernel learned from a router continue to listen to it, also after a boot", () => {
    routes(
      "default via fe80::1 dev eth0 metric 1024 expires 1000sec",
      "default via fe80::2 dev eth0 metric 1024",
      "default via fe80::1 dev eth1.5 metric 1024",
      "default via fe80::1 dev eth2 metric 1024",
      "default via fe80::1 dev gone metric 1024",
    );
    host.write(acceptRa("eth0"), "1\n");
    host.write(acceptRa("eth1.5"), "1\n");
    host.write(acceptRa("eth2"), "0\n");
    enable("ipv6");
    expect(host.calls()).toEqual(["ip -6 -o route show default proto ra"]);
    expect(["eth0", "eth1.5", "eth2"].map((link) => text(acceptRa(link)))).toEqual(["2\n", "2\n", "0\n"]);
    expect(text(sysctl).split("\n").slice(1)).toEqual([
      "net/ipv6/conf/eth0/accept_ra = 2",
      "net/ipv6/conf/eth1.5/accept_ra = 2",
      "",
    ]);
    expect(text(ipv6)).toBe("1\n");
  });

  test("a host that forwards IPv6 already keeps its links as they are", () => {
    host.write(ipv6, "1\n");
    routes("default via fe80::1 dev eth0 metric 1024");
    host.write(acceptRa("eth0"), "1\n");
    enable("ipv6");
    expect(text(acceptRa("eth0"))).toBe("1\n");
    expect(there(sysctl)).toBe(false);
  });
});

describe("forwarding_needed", () => {
  const needed = () => host.holds(sh`forwarding_needed`);

  test("a host without bridges, tunnels and machines needs no forwarding", () => {
    expect(needed()).toBe(false);
    host.program("busctl", "exit 1");
    expect(needed()).toBe(false);
  });

  test.each(["bridge", "tun", "wireguard"])("a host with an interface of the type %s may need it", (type) => {
    host.program("ip", sh`[ "$*" != ${`-o link show type ${type}`} ] || echo '5: x0: <UP>'`.text);
    expect(needed()).toBe(true);
  });

  test("a host with a machine that runs may need it", () => {
    host.program("busctl", `echo 'a(ssso) 1 "web" "container" "systemd-nspawn" "/org/x/web"'`);
    expect(needed()).toBe(true);
  });
});

describe("forwarding_restore", () => {
  const restore = () => expect(host.run(sh`forwarding_restore`)).toEqual([]);

  test("a host that did not forward before does not any more, and nothing of it is left", () => {
    host.run(sh`forwarding_enable ''`);
    host.write(sysctl, "net/ipv6/conf/eth0/accept_ra = 2\n");
    restore();
    expect(text(ipv4)).toBe("0");
    expect([before, sysctl].map(there)).toEqual([false, false]);
  });

  test("a host that something else on it may need to forward continues, and nothing is noted any longer", () => {
    host.run(sh`forwarding_enable ''`);
    host.program("busctl", `echo 'a(ssso) 1 "web" "container" "systemd-nspawn" "/org/x/web"'`);
    restore();
    expect(text(ipv4)).toBe("1\n");
    expect(there(before)).toBe(false);
  });

  test("a host that forwarded before continues", () => {
    host.write(ipv4, "1\n");
    host.run(sh`forwarding_enable ''`);
    restore();
    expect(text(ipv4)).toBe("1\n");
  });

  test("the directory of other settings stays", () => {
    host.write(sysctl, "");
    restore();
    expect(there("etc/sysctl.d")).toBe(true);
  });
});
