import { type HostLink, hasLink, linkDrift, settleLink } from "../../../../provider/host/networks/links";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 group default
3: ve-box@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 group 77 qlen 1000\\    link/ether 7a:00\\    altname ve-a-long-name
4: vb-web@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master vz-dev state UP
5: ve-down@if2: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500`;
const ADDRESSES = `3: ve-box    inet 10.42.1.1/32 scope global ve-box\\       valid_lft forever
3: ve-box    inet6 fd42:1::1/128 scope global \\       valid_lft forever`;
const ROUTES = `default via 198.18.240.1 dev eth0
10.42.1.5 dev ve-box proto static scope link
fd42:1::5 dev ve-box proto static metric 1024 pref medium`;

describe("the difference of a link", () => {
  const drift = (link: HostLink) => linkDrift(link, [{ key: "links", values: [LINKS, ADDRESSES, ROUTES] }]);

  test("is nothing if the kernel has its bridge, addresses and routes", () => {
    const addresses = ["10.42.1.1/32", "fd42:1::1/128"];
    const routes = ["10.42.1.5", "fd42:1::5"];
    for (const name of ["ve-box", "ve-a-long-name"]) expect(drift({ interface: name, addresses, routes })).toBe("");
    expect(drift({ interface: "vb-web", master: "vz-dev" })).toBe("");
  });

  test("is what is missing, and the bridge that it is in instead", () => {
    expect(drift({ interface: "ve-box", addresses: ["10.42.1.1/3"], routes: ["10.42.1.50"] })).toBe(
      "-ve-box: Address=10.42.1.1/3\n-ve-box: Destination=10.42.1.50",
    );
    expect(drift({ interface: "vb-web", addresses: ["10.42.1.1/32"] })).toBe("-vb-web: Address=10.42.1.1/32");
    expect(drift({ interface: "vb-web", master: "br0" })).toBe("-vb-web: Bridge=br0\n+vb-web: Bridge=vz-dev");
  });

  test("is what it lets pass of loopback addresses, as far as this link alone decides", () => {
    const open = (isOpen: boolean, wanted?: boolean) => {
      const loopback = { parts: "60-*.nft", ...(wanted !== undefined && { open: wanted }) };
      const values = [LINKS, ADDRESSES, ROUTES, isOpen ? "lo\nve-box" : "lo"];
      return linkDrift({ interface: "ve-a-long-name", loopback }, [{ key: "links", values }]);
    };
    expect([open(true, true), open(false, false), open(true), open(false)]).toEqual(["", "", "", ""]);
    expect(open(false, true)).toBe("-ve-a-long-name: IPv4RouteLocalnet=yes");
    expect(open(true, false)).toBe("+ve-a-long-name: IPv4RouteLocalnet=yes");
  });

  test("is the link itself if it is gone", () => {
    expect(drift({ interface: "ve-b", addresses: ["10.42.1.1/32"] })).toBe("-ve-b");
    expect(hasLink("ve-b", [{ key: "links", values: [LINKS] }])).toBe(false);
    expect(hasLink("ve-box", [{ key: "links", values: [LINKS] }])).toBe(true);
  });

  test("is not asked for while the other end is down, or if nobody looked", () => {
    expect(drift({ interface: "ve-down", addresses: ["10.42.1.1/32"] })).toBe("");
    expect(drift({ interface: "ve-down", addresses: ["10.42.1.1/32"], always: true })).toContain("Address");
    expect(linkDrift({ interface: "ve-b", master: "br0" }, [])).toBe("");
  });
});

describe("the functions", () => {
  let host: ScratchHost;
  beforeEach(() => {
    host = new ScratchHost({ networkctl: "", sleep: "" });
  });
  afterEach(() => host.remove());

  /** What `ip` prints: of the link, its addresses, and its routes; and the same once networkd configured it again. */
  function ip(link: string, now: string, later = now): void {
    const said = (text: string) => sh`printf '%s\n' ${text}`.text;
    host.program(
      "ip",
      `case $* in *"link show"*) ${said(link)} ;; *"-4 -o route"*) ;; *"-6"*) ;; *address*) if grep -q reconfigure ${host.at("calls")}; then ${said(later)}; else ${said(now)}; fi ;; esac`,
    );
  }
  const up = "3: ve-box@if2: <BROADCAST,UP,LOWER_UP> mtu 1500";
  const address = "3: ve-box    inet 10.42.1.1/32 scope global ve-box";
  const link = { interface: "ve-box", addresses: ["10.42.1.1/32"] };
  const changes = () => host.calls().filter((call) => /reconfigure|link set/.test(call));

  test("link_settle changes nothing if nothing is asked of a link", () => {
    ip(up, "");
    expect(host.run(sh`link_settle ve-box '' '' '' LOWER_UP`)).toEqual([]);
    expect(changes()).toEqual([]);
  });

  test("link_settle leaves a link alone that has everything, or whose other end is down", () => {
    ip(up, address);
    expect(host.run(settleLink(link))).toEqual([]);
    ip("3: ve-box@if2: <NO-CARRIER,UP> mtu 1500", "");
    expect(host.run(settleLink(link))).toEqual([]);
    expect(changes()).toEqual([]);
    ip("3: ve-box@if2: <NO-CARRIER,UP> mtu 1500", "", address);
    host.run(settleLink({ ...link, always: true }));
    expect(changes()).toEqual(["networkctl reconfigure ve-box"]);
  });

  test("link_settle has networkd configure a link again that lacks an address", () => {
    ip(up, "", address);
    expect(host.run(settleLink(link))).toEqual([]);
    expect(changes()).toEqual(["networkctl reconfigure ve-box"]);
  });

  test("link_settle refuses a link that another file configures, and names the file", () => {
    ip(up, "");
    host.program(
      "networkctl",
      `case $* in *status*) echo "    Network File: /etc/systemd/network/10-all.network" ;; esac`,
    );
    expect(host.run(settleLink(link))).toEqual([
      { key: "refused", values: ["link-unsettled", "ve-box", "/etc/systemd/network/10-all.network"] },
    ]);
  });

  test("link_settle puts a link back into its bridge", () => {
    ip(`${up} master other`, "");
    expect(host.run(settleLink({ interface: "ve-box", master: "vz-dev" }))).toEqual([]);
    expect(changes()).toEqual(["ip link set dev ve-box master vz-dev up"]);
    ip(`${up} master vz-dev state UP`, "");
    host.run(settleLink({ interface: "ve-box", master: "vz-dev" }));
    expect(changes()).toEqual([]);
  });

  test("link_complete looks for the whole address and the whole destination", () => {
    host.program(
      "ip",
      `case $* in *"-4 -o route"*) echo "10.42.1.50 scope link" ;; *address*) echo "3: a inet 10.42.1.1/32 x" ;; esac`,
    );
    expect(host.holds(sh`link_complete a 10.42.1.1/32 10.42.1.50`)).toBe(true);
    expect(host.holds(sh`link_complete a 10.42.1.1/3 10.42.1.50`)).toBe(false);
    expect(host.holds(sh`link_complete a 10.42.1.1/32 10.42.1.5`)).toBe(false);
  });

  test("link_present asks for one link, and links_answer for all", () => {
    host.program("ip", "echo some");
    host.program("grep", "echo /proc/sys/net/ipv4/conf/ve-box/route_localnet");
    expect(host.holds(sh`link_present ve-box`)).toBe(true);
    expect(host.run(sh`links_answer`)).toEqual([{ key: "links", values: ["some", "some", "some\nsome", "ve-box"] }]);
    host.program("ip", "exit 1");
    expect(host.holds(sh`link_present ve-box`)).toBe(false);
  });
});
