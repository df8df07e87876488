import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({}, ["/run/systemd", "/etc/resolv.conf"]);
});
afterEach(() => host.remove());

const servers = (family = "ipv6") => host.printed(sh`nameservers_host ${family}`).split("\n");
const resolved = (...lines: readonly string[]) =>
  host.write("run/systemd/resolve/resolv.conf", `${lines.join("\n")}\n`);
const plain = (...lines: readonly string[]) => host.write("etc/resolv.conf", `${lines.join("\n")}\n`);

describe("nameservers_host", () => {
  test("a host without either file has no name servers, and that is no failure", () => {
    expect(servers()).toEqual([""]);
  });

  test("the name servers of the links come before those of the host, each once", () => {
    resolved("# comment", "nameserver 192.0.2.2", "nameserver 192.0.2.1", "search example.org");
    plain("nameserver 192.0.2.1", "nameserver 192.0.2.3 # comment");
    expect(servers()).toEqual(["192.0.2.2", "192.0.2.1", "192.0.2.3"]);
  });

  test("a host without resolved has those of its own file", () => {
    plain("  nameserver\t192.0.2.1", "options nameserver 192.0.2.9", "#nameserver 192.0.2.8");
    expect(servers()).toEqual(["192.0.2.1"]);
  });

  test("those on the loopback of the host and those with a scope are left out", () => {
    resolved("nameserver 127.0.0.53", "nameserver ::1", "nameserver fe80::1%eth0", "nameserver 192.0.2.1");
    plain("nameserver 127.1.2.3", "nameserver 12.7.0.1", "nameserver 1270::1");
    expect(servers()).toEqual(["192.0.2.1", "12.7.0.1", "1270::1"]);
  });

  test("those of IPv6 are for machines that have it", () => {
    resolved("nameserver 2001:db8::1", "nameserver 192.0.2.1");
    expect(servers("ipv6")).toEqual(["2001:db8::1", "192.0.2.1"]);
    expect(servers("")).toEqual(["192.0.2.1"]);
  });

  test("there are three at most, those not counted that are left out", () => {
    resolved(
      ...["127.0.0.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map(
        (one) => `nameserver ${one}`,
      ),
    );
    expect(servers()).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
  });
});
