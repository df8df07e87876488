import { bridgeFiles } from "../../../provider/resources/bridge-attachment/bridge-files";
import {
  type BridgeCreate,
  bridgeInputs,
  type Origin,
  violations,
} from "../../../provider/resources/bridge-attachment/bridge-inputs";
import { usesDhcp4 } from "../../../provider/resources/bridge-attachment/migrated-sections";
import { findBlocker, originOf } from "../../../provider/resources/bridge-attachment/uplink";

const host = { connection: { host: "web1" } };
const inputs = (more: object) => bridgeInputs.parse({ host, bridge: "br0", ...more });
const created = (create: object): BridgeCreate => {
  const { create: parsed } = inputs({ create: { uplink: "eth0", ...create } });
  if (parsed === undefined) throw new Error("`create` was not parsed");
  return parsed;
};
const origin = (text: string, more: Partial<Origin> = {}): Origin => ({
  uplink: "eth0",
  mac: "02:00:5e:10:00:01",
  files: [{ path: "/etc/systemd/network/10-eth0.network", text }],
  ...more,
});
const files = (from: Origin, create: object = {}) =>
  [...bridgeFiles("br0", created(create), from)]
    .map(([path, { text }]) => `${path}\n${text.replace(/^# .*\n/, "")}`)
    .join("\n");
const network = (from: Origin, create: object = {}) => {
  const all = bridgeFiles("br0", created(create), from);
  return (all.get("/etc/systemd/network/00-pulumi-nspawn-br0.network")?.text ?? "").replace(/^# .*\n\n/, "");
};

const STATIC = `[Match]
Name=eth0
[Network]
Address=192.168.1.10/24
Gateway=192.168.1.1
DNS=192.168.1.1
`;

test("a bridge takes over the settings of its uplink", () => {
  expect(files(origin(STATIC))).toMatchInlineSnapshot(`
"/etc/systemd/network/00-pulumi-nspawn-br0.netdev

[NetDev]
Name=br0
Kind=bridge
MACAddress=02:00:5e:10:00:01

/etc/systemd/network/00-pulumi-nspawn-br0.link

[Match]
OriginalName=br0

[Link]
NamePolicy=keep
MACAddressPolicy=none

/etc/systemd/network/00-pulumi-nspawn-br0.network

[Match]
Name=br0

[Network]
Address=192.168.1.10/24
Gateway=192.168.1.1
DNS=192.168.1.1

/etc/systemd/network/00-pulumi-nspawn-eth0.network

[Match]
Name=eth0

[Network]
Bridge=br0
LinkLocalAddressing=no
"
`);
});

test("settings of the wire stay with the uplink, and settings of addresses move", () => {
  const text = `
[Match]
MACAddress=02:00:5e:10:00:01
[Link]
MTUBytes=9000
RequiredForOnline=no
[Network]
DHCP=yes
VLAN=eth0.7
LLDP=yes
[DHCPv4]
UseMTU=no
[Route]
Destination=10.0.0.0/8
Gateway=192.168.1.254
[FairQueueing]
Parent=root
[X-Ours]
Note=1
`;
  expect(files(origin(text, { iaid: 0x53b7721e }))).toMatchInlineSnapshot(`
"/etc/systemd/network/00-pulumi-nspawn-br0.netdev

[NetDev]
Name=br0
Kind=bridge
MACAddress=02:00:5e:10:00:01

/etc/systemd/network/00-pulumi-nspawn-br0.link

[Match]
OriginalName=br0

[Link]
NamePolicy=keep
MACAddressPolicy=none

/etc/systemd/network/00-pulumi-nspawn-br0.network

[Match]
Name=br0

[Link]
MTUBytes=9000

[Link]
RequiredForOnline=no

[Network]
DHCP=yes

[DHCPv4]
UseMTU=no

[Route]
Destination=10.0.0.0/8
Gateway=192.168.1.254

[DHCPv4]
IAID=1404531230

[DHCPv6]
IAID=1404531230

/etc/systemd/network/00-pulumi-nspawn-eth0.network

[Match]
Name=eth0

[Link]
MTUBytes=9000

[Network]
VLAN=eth0.7
LLDP=yes

[FairQueueing]
Parent=root

[Network]
Bridge=br0
LinkLocalAddressing=no
"
`);
});

test("drop-ins come after the file, and a reset in them is kept", () => {
  const from = origin(STATIC, {
    files: [
      { path: "/etc/systemd/network/10-eth0.network", text: STATIC },
      { path: "/etc/systemd/network/10-eth0.network.d/more.conf", text: "[Network]\nDNS=\nDNS=9.9.9.9\n" },
    ],
  });
  expect(network(from)).toMatchInlineSnapshot(`
"[Match]
Name=br0

[Network]
Address=192.168.1.10/24
Gateway=192.168.1.1
DNS=192.168.1.1

[Network]
DNS=
DNS=9.9.9.9
"
`);
});

test("addresses of its own replace the IPv4 ones, however those were given", () => {
  const text = `${STATIC}Address=2001:db8::10/64
DHCP=yes
[Address]
Address=192.168.1.11/24
[Address]
Address=2001:db8::11/64
[Route]
Gateway=192.168.1.2
[Route]
Destination=10.0.0.0/8
Gateway=192.168.1.254
`;
  expect(
    network(origin(text), { addresses: ["192.168.1.20/24"], gateway: "192.168.1.1", dns: ["9.9.9.9"] }),
  ).toMatchInlineSnapshot(`
"[Match]
Name=br0

[Network]
Address=2001:db8::10/64
DHCP=ipv6

[Address]
Address=2001:db8::11/64

[Route]
Destination=10.0.0.0/8
Gateway=192.168.1.254

[Network]
Address=192.168.1.20/24
Gateway=192.168.1.1
DNS=9.9.9.9
"
`);
});

test("without its own gateway and name servers it keeps those of the uplink", () => {
  const text = network(origin(STATIC), { addresses: ["192.168.1.20/24"] });
  expect(text).toContain("Gateway=192.168.1.1\n");
  expect(text).toContain("DNS=192.168.1.1\n");
  expect(text).not.toContain("192.168.1.10");
});

test("VLANs turn on filtering in the bridge, and the uplink carries them", () => {
  const text = files(origin(STATIC), { vlans: [20, 30] });
  expect(text).toContain("[Bridge]\nVLANFiltering=yes");
  expect(text).toContain("[BridgeVLAN]\nVLAN=20\nVLAN=30");
});

const refused = (news: object, before?: object) => violations(inputs(news), before && inputs(before)).join("\n");

test.each([
  [{ create: { uplink: "br0" } }, /create\.uplink: "br0" is the bridge itself/],
  [{ create: { uplink: "eth0", gateway: "192.168.1.1" } }, /create\.gateway: `addresses: "keep"` keeps it too/],
  [{ create: { uplink: "eth0", dns: ["9.9.9.9"] } }, /create\.dns: `addresses: "keep"`/],
  [
    { create: { uplink: "eth0", addresses: ["192.168.1.10/24"], gateway: "192.168.2.1" } },
    /create\.gateway: "192\.168\.2\.1" is in the network of none of 192\.168\.1\.10\/24/,
  ],
  [{ create: { uplink: "eth0" }, vlan: 20 }, /takes only the VLANs of `create\.vlans`, and 20 is not among them/],
  [{ address: "192.168.1.20/24", gateway: "10.0.0.1" }, /gateway: "10\.0\.0\.1" is not in the network/],
])("inputs that do not go together are refused in the preview: %j", (news, message) => {
  expect(refused(news)).toMatch(message);
});

test("inputs that go together are not refused", () => {
  expect(refused({})).toBe("");
  // For the machines that get an address with attach().
  expect(refused({ gateway: "192.168.1.1", dns: ["192.168.1.1"] })).toBe("");
  expect(refused({ create: { uplink: "eth0", vlans: [20] }, vlan: 20 })).toBe("");
  expect(refused({ create: { uplink: "eth0", addresses: ["10.0.0.2/8"], gateway: "10.0.0.1", dns: [] } })).toBe("");
});

test("a bridge cannot be given away, or renamed over the same uplink", () => {
  const before = { create: { uplink: "eth0" } };
  expect(refused({}, before)).toMatch(/create: this resource created the bridge "br0".*retainOnDelete/s);
  expect(refused({ bridge: "br1", ...before }, before)).toMatch(
    /"eth0" stays in the bridge "br0" until that one is removed/,
  );
  expect(refused({ bridge: "br1" }, before)).toBe("");
  expect(refused({ create: { uplink: "eth1" } }, before)).toBe("");
});

test.each([
  [{ bridge: "br 0" }, /is not the name of an interface/],
  [{ address: "192.168.1.20" }, /is not an address with a prefix length/],
  [{ address: "192.168.1.0/24" }, /is the network's own address/],
  [{ address: "192.168.1.255/24" }, /is the network's broadcast address/],
  [{ address: "224.0.0.1/24" }, /is not the address of one interface/],
  [{ gateway: "gateway" }, /is not an IPv4 address/],
  [{ dns: ["ns1"] }, /is not the address of a name server/],
  [{ vlan: 4095 }, /VLANs are 1 to 4094/],
  [{ mac: "01:00:5e:00:00:01" }, /is not the address of one interface/],
  [{ mac: "02-00" }, /is not a MAC address/],
  [{ create: { uplink: "eth0", addresses: ["10.0.0.1"] } }, /is not an address with a prefix length/],
  [{ create: {} }, /the name of an interface is text/],
])("bad input is refused: %j", (news, message) => {
  expect(() => inputs(news)).toThrow(message);
});

test("a MAC address is normalised", () => {
  expect(inputs({ mac: "02-00-5E-10-00-01" }).mac).toBe("02:00:5e:10:00:01");
});

const answers = (...list: [string, ...string[]][]) => list.map(([key, ...values]) => ({ key, values }));
const ethernet: [string, ...string[]][] = [
  ["mac", "02:00:5e:10:00:01"],
  ["type", "1"],
  ["master", ""],
];
const managed: [string, ...string[]][] = [
  ...ethernet,
  ["client-id", "53b7721e"],
  ["network-file", "/etc/systemd/network/10-eth0.network", STATIC],
];
const inTheWay = (list: [string, ...string[]][], create: object = {}) => {
  const all = answers(...list);
  return findBlocker("br0", created(create), originOf("eth0", all), all);
};

test("the answers of the host describe an uplink", () => {
  expect(originOf("eth0", answers(...managed))).toEqual(origin(STATIC, { iaid: 0x53b7721e }));
  expect(inTheWay(managed)).toBeUndefined();
});

test.each([
  ["an interface that does not exist", [], /there is no interface "eth0"/, /ip -brief link/],
  ["part of another interface", [["master", "bond0"], ...ethernet], /is part of "bond0" already/, /uplink: "bond0"/],
  ["part of a user's bridge", [["master", "br0"], ...ethernet], /is in a bridge "br0" already/, /Leave `create` out/],
  ["a bridge", [...managed, ["is-bridge"]], /"eth0" is itself a bridge/, /bridge: "eth0"/],
  ["a wireless interface", [...managed, ["wireless"]], /is not an Ethernet interface/, /IEEE 802\.11/],
  [
    "one that carries others",
    [...managed, ["upper", "mv0", "macvlan"]],
    /carries other interfaces.*mv0/,
    /on the bridge itself/,
  ],
] as [string, [string, ...string[]][], RegExp, RegExp][])(
  "an uplink may not be %s",
  (_what, list, happened, advice) => {
    const problem = inTheWay(list);
    expect(problem?.happened).toMatch(happened);
    expect(problem?.advice).toMatch(advice);
  },
);

test("a VLAN on top of the uplink is no blocker", () => {
  expect(inTheWay([...managed, ["upper", "eth0.7", "vlan"]])).toBeUndefined();
});

test("addresses of its own with a gateway from DHCP require that gateway", () => {
  const dhcp: [string, ...string[]][] = [
    ...ethernet,
    ["gateway", "192.168.1.1"],
    ["network-file", "/etc/systemd/network/10-eth0.network", "[Network]\nDHCP=ipv4\n"],
  ];
  const addresses = ["192.168.1.20/24"];
  expect(inTheWay(dhcp, { addresses })?.advice).toBe('Set `gateway: "192.168.1.1"` in `create`.');
  expect(inTheWay(dhcp, { addresses, gateway: "192.168.1.1" })).toBeUndefined();
  expect(inTheWay(dhcp)).toBeUndefined();
});

test("the last of several DHCP settings counts, as in systemd", () => {
  const files = ["[Network]\nDHCP=yes\n", "[Network]\nDHCP=ipv6\n"].map((text) => ({ path: "/etc/x.network", text }));
  expect(usesDhcp4(origin("", { files }))).toBe(false);
  expect(usesDhcp4(origin("[Network]\nDHCP=no\nDHCP=ipv4\n"))).toBe(true);
  expect(usesDhcp4(origin("[Network]\nDNS=192.0.2.1\n"))).toBe(false);
});

test("an uplink of ifupdown is refused, with the lines that make the bridge there", () => {
  const stanzas = "iface eth0 inet static\n    address 192.168.1.10/24\n    gateway 192.168.1.1\niface eth0 inet6 auto";
  expect(inTheWay([...managed, ["ifupdown", stanzas]])).toMatchInlineSnapshot(`
{
  "advice": "Configure the bridge in /etc/network/interfaces, with access to the host's console, and leave \`create\` out. Run \`apt-get install bridge-utils\`, replace the lines about eth0 with these, and reboot:",
  "details": "iface eth0 inet manual
auto br0
iface br0 inet static
    bridge_ports eth0
    bridge_stp off
    bridge_fd 0
    address 192.168.1.10/24
    gateway 192.168.1.1
iface br0 inet6 auto",
  "happened": ""eth0" is set up by ifupdown, and what that does cannot be rolled back safely",
}
`);
});

test("an uplink of NetworkManager is refused, with the commands that make the bridge there", () => {
  expect(inTheWay([...ethernet, ["network-manager", "Wired connection 1"]])).toMatchInlineSnapshot(`
{
  "advice": "Create the bridge in NetworkManager, with access to the host's console, and leave \`create\` out:",
  "details": "nmcli connection clone 'Wired connection 1' 'Wired connection 1 before br0'
nmcli connection add type bridge con-name br0 ifname br0 bridge.stp no bridge.mac-address 02:00:5e:10:00:01 \\
  ipv4.method … ipv4.addresses … ipv4.gateway … ipv4.dns …   # as \`nmcli connection show\` has them for it
nmcli connection add type ethernet con-name br0-eth0 ifname eth0 master br0
nmcli connection modify 'Wired connection 1' connection.autoconnect no
nmcli connection up br0-eth0",
  "happened": ""eth0" is set up by NetworkManager (connection "Wired connection 1"), and what that does cannot be rolled back safely",
}
`);
});

test("an unmanaged uplink is refused, with the file that networkd needs", () => {
  const list: [string, ...string[]][] = [
    ...ethernet,
    ["networkd", '{"Name":"eth0","AdministrativeState":"unmanaged"}'],
    ["address", "192.168.1.10/24"],
    ["gateway", "192.168.1.1"],
  ];
  expect(inTheWay(list)).toMatchInlineSnapshot(`
{
  "advice": "Let networkd manage it, so that it can be moved and restored: write /etc/systemd/network/10-eth0.network, and run \`networkctl reload\`:",
  "details": "[Match]
Name=eth0
[Network]
Address=192.168.1.10/24
Gateway=192.168.1.1",
  "happened": "systemd-networkd does not manage "eth0" (it is unmanaged)",
}
`);
});
