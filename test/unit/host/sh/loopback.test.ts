import { readFileSync } from "node:fs";
import { settleLoopback, settleLoopbackIfThere } from "../../../../provider/host/networks/loopback";
import { sh } from "../../../../provider/host/sh";
import { called, refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const FILTER = "filter protocol ip pref 1 u32 chain 0\n  match 7f000000/ff000000 at 16";
const GUARD =
  "tc filter add dev ve-box ingress protocol ip pref 1 u32 match ip dst 127.0.0.0/8 action mirred egress redirect dev ve-box";
const SYSCTL = "/proc/sys/net/ipv4/conf/ve-box/route_localnet";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ ip: "echo '3: ve-box@if2: <UP> mtu 1500\\    altname ve-a-long-name'", tc: "" }, ["/proc"]);
  host.write(SYSCTL, "0\n");
});
afterEach(() => host.remove());

const part = (machine: string, port: string) =>
  host.write(`/etc/pulumi-nspawn/nftables/60-dev.${machine}.nft`, `# address 10.0.0.2\n# port ${port}\n`);
const settle = (parts = "60-dev.box.nft") => host.ended(settleLoopback("ve-a-long-name", { parts }));
const open = () => readFileSync(host.at(SYSCTL), "utf8").trim();

test.each([
  ["tcp * 8080 8080", true],
  ["udp 127.0.0.1 53 53", true],
  ["tcp 127.1.2.3 1 2", true],
  ["tcp 192.0.2.1 8080 8080", false],
  ["tcp ::1 8080 8080", false],
  ["tcp 1127.0.0.1 8080 8080", false],
])("a link is open for ports of the host's IPv4 loopback alone: %s", (port, isOpen) => {
  part("box", port);
  settle();
  expect([open(), called(host).includes(GUARD)]).toEqual([isOpen ? "1" : "0", isOpen]);
});

test("loopback_settle_parts is what a machine's start runs, and loopback_guard sets its filter", () => {
  part("box", "tcp * 8080 8080");
  expect(host.run(sh`loopback_settle_parts ve-box 60-dev.box.nft`)).toEqual([]);
  expect(host.run(sh`loopback_guard ve-box`)).toEqual([]);
  expect(called(host).filter((call) => call === GUARD)).toHaveLength(2);
});

test("ports of other machines count only for the bridge that they share", () => {
  part("other", "tcp * 8080 8080");
  settle();
  expect(open()).toBe("0");
  settle("60-dev.*.nft");
  expect(open()).toBe("1");
});

test("without ports any more, and without parts, it is closed again", () => {
  host.write(SYSCTL, "1\n");
  settle();
  expect(open()).toBe("0");
});

test("a link that has its filter gets no second one", () => {
  part("box", "tcp * 8080 8080");
  host.program("tc", `case $* in *show*) echo '${FILTER}' ;; *) exit 1 ;; esac`);
  expect(settle().status).toBe(0);
  expect(open()).toBe("1");
  expect(host.holds(sh`loopback_guarded ve-box`)).toBe(true);
  host.program("tc", "");
  expect(host.holds(sh`loopback_guarded ve-box`)).toBe(false);
});

test("a link that cannot have the filter stays closed, and the reason is reported", () => {
  part("box", "tcp * 8080 8080");
  host.program("tc", "case $* in *filter\\ add*) echo 'no such module' >&2; exit 2 ;; esac");
  expect(host.run(settleLoopback("ve-a-long-name", { parts: "60-dev.box.nft" }))).toEqual(
    refused("loopback-unguarded", "ve-box", "no such module"),
  );
  expect(open()).toBe("0");
});

test("a port is published whatever the network's other machines have", () => {
  part("a", "tcp 192.0.2.1 1 1");
  part("b", "tcp * 2 2");
  expect(host.holds(sh`loopback_published '60-dev.*.nft'`)).toBe(true);
  expect(host.holds(sh`loopback_published 60-dev.a.nft`)).toBe(false);
});

test("a bridge that is gone with its last machine needs nothing", () => {
  host.program("ip", "exit 1");
  expect(host.ended(settleLoopbackIfThere("vz-dev", { parts: "60-dev.*.nft" })).status).toBe(0);
});
