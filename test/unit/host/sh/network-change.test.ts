import { mkdirSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const netdev = "/etc/systemd/network/70-br0.netdev";
const settings = "/etc/systemd/network/70-br0.network";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ ip: "", networkctl: "", systemctl: "", sleep: "" }, ["/sys/class"]);
});
afterEach(() => host.remove());

const about = sh`network_bridge=br0; network_uplink=eth0; network_links='eth0 eth1'
network_netdev=${netdev}; network_settings=${settings}`;

const link = (name: string) => mkdirSync(host.at(`sys/class/net/${name}`), { recursive: true });
const enslave = (name: string, master: string) => {
  link(name);
  symlinkSync(`../${master}`, host.at(`sys/class/net/${name}/master`));
};
const bridge = (address: string, filtering: string) => {
  host.write("sys/class/net/br0/address", `${address}\n`);
  host.write("sys/class/net/br0/bridge/vlan_filtering", `${filtering}\n`);
};
const wanted = (more = "") =>
  host.write(netdev, `[NetDev]\nName=br0\nKind=bridge\nMACAddress=02:00:00:00:00:01\n${more}`);

describe("network_master", () => {
  const master = (name: string) => host.printed(sh`network_master ${name}`);

  test("the master of a link is the name of the interface that it is in", () => {
    enslave("eth0", "br0");
    expect(master("eth0")).toBe("br0");
  });

  test("a link of its own, or none at all, has no master", () => {
    link("eth0");
    expect(master("eth0")).toBe("");
    expect(master("gone")).toBe("");
  });
});

describe("network_file_of", () => {
  const file = () => host.printed(sh`network_file_of br0`);

  test("the file is the one that networkd says", () => {
    const path = '/etc/systemd/network/a "b" \\c.network';
    const inner = { NetworkFile: "/etc/other.network" };
    const status = {
      Neighbours: [inner],
      DHCP: inner,
      Name: "br0",
      NetworkFile: path,
      NetworkFileDropins: [],
      SSID: inner,
    };
    host.program("networkctl", sh`printf '%s\n' ${JSON.stringify(status)}`.text);
    expect(file()).toBe(path);
    expect(host.calls()).toEqual(["networkctl --json=short status br0"]);
  });

  test("a link that no file sets up has none", () => {
    host.program("networkctl", sh`printf '%s\n' ${JSON.stringify({ Name: "br0" })}`.text);
    expect(file()).toBe("");
  });

  test("a link that networkd does not know has none, and that is no failure", () => {
    host.program("networkctl", "echo 'Interface \"br0\" not found.' >&2; exit 1");
    expect(file()).toBe("");
  });
});

describe("network_settle", () => {
  const settled = () => {
    expect(host.run(sh`${about}; network_settle`)).toEqual([]);
    return host.calls();
  };
  const flushed = (name: string) => [`ip address flush dev ${name} scope global`, `ip -4 route flush dev ${name}`];

  test("addresses and routes go before networkd reads its files, and the links that are there are set up after", () => {
    wanted();
    bridge("02:00:00:00:00:01", "0");
    link("eth0");
    expect(settled()).toEqual([
      ...flushed("eth0"),
      ...flushed("br0"),
      "networkctl reload",
      "networkctl reconfigure eth0",
      "networkctl reconfigure br0",
    ]);
  });

  test("a bridge whose file is gone is deleted before networkd reads its files", () => {
    bridge("02:00:00:00:00:01", "0");
    link("eth0");
    link("eth1");
    host.program("ip", 'case $* in *delete*) rm -r "${0%/bin/*}/sys/class/net/br0" ;; esac');
    expect(settled()).toEqual([
      ...flushed("eth0"),
      ...flushed("eth1"),
      ...flushed("br0"),
      "ip link delete dev br0",
      "networkctl reload",
      "networkctl reconfigure eth0",
      "networkctl reconfigure eth1",
    ]);
  });

  test("a bridge that is gone already is no failure", () => {
    host.program("ip", "exit 1");
    expect(settled()).toEqual(["ip link delete dev br0", "networkctl reload"]);
  });

  test("networkd is restarted where it does not reload", () => {
    host.program("networkctl", 'case $1 in reload) echo "Access denied" >&2; exit 1 ;; esac');
    expect(settled()).toContain("systemctl restart systemd-networkd.service");
  });

  test("a bridge is waited for, and set up as soon as it is there", () => {
    wanted();
    host.program(
      "sleep",
      `cd "\${0%/bin/*}"; [ "$(grep -c '^sleep ' calls)" -lt 3 ] || { mkdir -p sys/class/net/br0/bridge; echo 02:00:00:00:00:01 >sys/class/net/br0/address; }`,
    );
    const calls = settled();
    expect(calls.filter((call) => call.startsWith("sleep "))).toHaveLength(3);
    expect(calls.at(-1)).toBe("networkctl reconfigure br0");
    expect(calls.filter((call) => call.startsWith("ip "))).toEqual([]);
  });

  test("a bridge that does not come is not waited for without end", () => {
    wanted();
    const calls = settled();
    expect(calls.filter((call) => call.startsWith("sleep ")).length).toBeGreaterThan(1);
    expect(calls.filter((call) => call.includes("reconfigure"))).toEqual([]);
  });

  test("a bridge that was there before gets the address of its file", () => {
    wanted();
    bridge("02:00:00:00:00:99", "0");
    expect(settled()).toContain("ip link set dev br0 address 02:00:00:00:00:01");
  });

  test.each([
    ["on", "VLANFiltering=yes\n", "0", ["ip link set dev br0 type bridge vlan_filtering 1"]],
    ["off", "", "1", ["ip link set dev br0 type bridge vlan_filtering 0"]],
    ["off", "VLANFiltering=no\n", "1", ["ip link set dev br0 type bridge vlan_filtering 0"]],
    ["nowhere if it is on", "VLANFiltering=yes\n", "1", []],
    ["nowhere if it is off", "", "0", []],
  ])("filtering of a bridge that was there before is switched %s with %j in its file", (_, more, before, calls) => {
    wanted(`[Bridge]\n${more}`);
    bridge("02:00:00:00:00:01", before);
    expect(settled().filter((call) => call.includes("link set"))).toEqual(calls);
  });

  test("a bridge that cannot filter is taken as one that does not", () => {
    wanted();
    host.write("sys/class/net/br0/address", "02:00:00:00:00:01\n");
    mkdirSync(host.at("sys/class/net/br0/bridge"));
    expect(settled().filter((call) => call.includes("link set"))).toEqual([]);
  });
});

describe("network_in_order", () => {
  /** Why the links are not as the files want them; nothing if they are. */
  const why = () =>
    host.printed(sh`${about}; network_why=; if network_in_order; then echo; else echo "$network_why"; fi`);
  const setUpBy = (file: string) =>
    host.program("networkctl", sh`printf '%s\n' ${JSON.stringify({ Name: "br0", NetworkFile: file })}`.text);

  test("a bridge without a file is in order once it is gone", () => {
    expect(why()).toBe("");
    link("br0");
    expect(why()).toBe("the bridge br0 is still there");
  });

  test("a bridge with its uplink in it, set up by its file, is in order", () => {
    wanted();
    bridge("02:00:00:00:00:01", "0");
    enslave("eth0", "br0");
    setUpBy(host.at(settings));
    expect(why()).toBe("");
  });

  test("a bridge that is not there is not in order, nor another interface of its name", () => {
    wanted();
    expect(why()).toBe("the bridge br0 is not there");
    link("br0");
    expect(why()).toBe("the bridge br0 is not there");
  });

  test("a bridge without its uplink is not in order", () => {
    wanted();
    bridge("02:00:00:00:00:01", "0");
    link("eth0");
    setUpBy(host.at(settings));
    expect(why()).toBe("eth0 is not in the bridge br0");
  });

  test("a bridge with its uplink in another is not in order", () => {
    wanted();
    bridge("02:00:00:00:00:01", "0");
    enslave("eth0", "br9");
    setUpBy(host.at(settings));
    expect(why()).toBe("eth0 is not in the bridge br0");
  });

  test("a bridge that another file sets up is not in order", () => {
    wanted();
    bridge("02:00:00:00:00:01", "0");
    enslave("eth0", "br0");
    setUpBy("/etc/systemd/network/10-all.network");
    expect(why()).toBe(
      `systemd-networkd configures br0 with another file than ${host.at(settings)}: /etc/systemd/network/10-all.network`,
    );
  });
});
