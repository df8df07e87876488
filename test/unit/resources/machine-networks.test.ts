import { UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { networksEffect } from "../../../provider/resources/attachments/network-specs";
import { allocated, allocationRequest, knownAddresses } from "../../../provider/resources/nspawn-machine/allocation";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
const dev = {
  host: "web1:22",
  id: "dev@x7k2",
  network: "dev",
  mode: "isolated",
  subnet: "10.42.1.0/24",
  subnet6: "none",
  dhcp: false,
  dns: ["192.0.2.53"],
  apart: false,
};
const veth = (more: object = {}) => ({ veth: { ...dev, ...more } });
const zone = (more: object = {}) =>
  veth({ id: "seg@1", network: "seg", mode: "zone", subnet: "10.43.0.0/24", ...more });
const inputs = (...networks: unknown[]) => machineInputs.parse({ ...base, networks });
const files = (networks: unknown[], leases: Record<string, string>) => {
  const { restart, live } = machineFiles(inputs(...networks), { leases }).files;
  return Object.fromEntries([...restart, ...live].map(([path, { text }]) => [path, text]));
};
const reasons = (...networks: unknown[]) =>
  check(machineHandler, {}, { ...base, networks })
    .failures.map(({ reason }) => reason)
    .join("\n");

describe("a link on the host and inside", () => {
  test("an isolated link has single addresses on both ends", () => {
    const text = files([veth({ subnet6: "fd42:1::/64", ports: ["8080:80"] })], { dev: "10.42.1.5" });
    expect(text["/etc/systemd/network/70-ve-web.network"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Match]
Name=ve-web

[Link]
Group=1175520761
RequiredForOnline=no

[Network]
LinkLocalAddressing=ipv6
IPv6AcceptRA=no

[Address]
Address=10.42.1.1/32

[Route]
Destination=10.42.1.5/32
Scope=link

[Address]
Address=fd42:1::1/128
DuplicateAddressDetection=none

[Route]
Destination=fd42:1::5/128
"
`);
    expect(text["/etc/systemd/nspawn/web.host0.network"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Match]
Name=host0

[Network]
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
DNS=192.0.2.53

[Address]
Address=10.42.1.5/32

[Route]
Gateway=10.42.1.1
GatewayOnLink=yes

[Address]
Address=fd42:1::5/128
DuplicateAddressDetection=none

[Route]
Gateway=fd42:1::1
GatewayOnLink=yes
"
`);
    expect(text["/etc/pulumi-nspawn/nftables/60-dev.web.nft"]).toContain("dport 8080 dnat ip to 10.42.1.5:80");
    expect(text["/etc/systemd/nspawn/web.nspawn"]).toContain("[Network]\nVirtualEthernet=yes\n");
  });

  test("with DHCP an isolated link serves one address, and nothing is put into the guest", () => {
    const text = files([veth({ dhcp: true })], { dev: "10.42.1.5" });
    expect(text["/etc/systemd/network/70-ve-web.network"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Match]
Name=ve-web

[Link]
Group=1175520761
RequiredForOnline=no

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
IPv4ProxyARP=yes
DHCPServer=yes

[Address]
Address=10.42.1.1/24
AddPrefixRoute=no

[Route]
Destination=10.42.1.5/32
Scope=link

[DHCPServer]
PoolOffset=5
PoolSize=1
PersistLeases=no
DNS=192.0.2.53
"
`);
    expect(text["/etc/systemd/nspawn/web.host0.network"]).toBeUndefined();
  });

  test("a zone is systemd-nspawn's own, and its ports are isolated if machines must be", () => {
    const text = files([zone({ apart: true })], { seg: "10.43.0.7" });
    expect(text["/etc/systemd/nspawn/web.nspawn"]).toContain("[Network]\nZone=seg\n");
    expect(text["/etc/systemd/network/70-vb-web.network"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Match]
Name=vb-web

[Link]
RequiredForOnline=no

[Network]
KeepMaster=yes
LinkLocalAddressing=no
IPv6AcceptRA=no

[Bridge]
Isolated=yes
"
`);
    expect(text["/etc/systemd/nspawn/web.host0.network"]).toContain("Address=10.43.0.7/24\n");
    expect(Object.keys(files([zone()], { seg: "10.43.0.7" }))).not.toContain("/etc/systemd/network/70-vb-web.network");
  });

  test("with DHCP in a zone the machine is identified by its own MAC address", () => {
    const text = files([zone({ dhcp: true })], { seg: "10.43.0.7" });
    const [, mac] = /MACAddress=(\S+)/.exec(text["/etc/systemd/nspawn/web.host0.network"] ?? "") ?? [];
    expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(text["/etc/systemd/network/70-vz-seg.network.d/web.conf"]).toContain(
      `[DHCPServerStaticLease]\nMACAddress=${mac}\nAddress=10.43.0.7\n`,
    );
  });

  test("a further link into a zone is connected by the machine's unit", () => {
    const text = files([veth(), zone()], { dev: "10.42.1.5", seg: "10.43.0.7" });
    expect(text["/etc/systemd/nspawn/web.nspawn"]).toContain(
      "VirtualEthernet=yes\nVirtualEthernetExtra=vx1-web:host1\n",
    );
    const unit = text["/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-service.conf"];
    expect(unit).toContain("ExecStartPre=-ip link add name vz-seg type bridge\n");
    expect(unit).toContain("ExecStartPost=ip link set dev vx1-web master vz-seg up\n");
    expect(text["/etc/systemd/network/70-vx1-web.network"]).toContain("KeepMaster=yes");
    expect(text["/etc/systemd/nspawn/web.host1.network"]).toContain("Gateway=10.43.0.1\nMetric=1025\n");
  });
});

describe("the effect of a change of networks", () => {
  test.each([
    ["state", [veth()], [veth({ host: "web2:22", id: "dev@other" })]],
    ["live", [veth()], [veth({ ports: ["8080:80/tcp"] })]],
    ["restart", [veth()], [veth({ address: "10.42.1.9" })]],
    ["restart", [veth()], [veth({ dns: "host" })]],
    ["restart", [veth()], [veth(), zone()]],
    ["restart", undefined, [veth()]],
    ["restart", [veth()], UNKNOWN],
    ["restart", ["host"], ["none"]],
  ] as const)("%s: from %j to %j", (effect, before, after) => {
    expect(networksEffect(before, after)).toBe(effect);
  });
});

describe("the addresses that a preview knows", () => {
  const known = (networks: unknown, olds: Record<string, unknown> = {}) =>
    check(machineHandler, olds, { ...base, networks }).inputs;
  const olds = { ...base, networks: [veth()], leases: { dev: "10.42.1.5" }, address: "10.42.1.5" };

  test("include a requested one, and one that the host gave", () => {
    expect(known([veth({ address: "10.42.1.9" })])).toMatchObject({ address: "10.42.1.9", addresses: ["10.42.1.9"] });
    expect(known([veth()]).address).toBeUndefined();
    expect(known([veth()], olds)).toMatchObject({ address: "10.42.1.5", addresses: ["10.42.1.5"] });
    expect(known([veth({ subnet6: "fd42:1::/64" })], olds).addresses).toEqual(["10.42.1.5", "fd42:1::5"]);
  });

  test("do not include one that another machine had, or that the subnet no longer has", () => {
    expect(known([veth()], { ...olds, name: "other" }).address).toBeUndefined();
    expect(known([veth({ subnet: "10.44.0.0/24" })], olds).address).toBeUndefined();
    expect(known([veth(), zone()], olds)).toMatchObject({ address: "10.42.1.5" });
    expect(known([veth(), zone()], olds).addresses).toBeUndefined();
  });

  test("are none if the list contains something unknown, whatever the state is", () => {
    expect(knownAddresses([veth(), UNKNOWN], { dev: "10.42.1.5" })).toEqual({});
    expect(knownAddresses(UNKNOWN, UNKNOWN)).toEqual({});
    expect(knownAddresses([{ veth: { ...dev, id: UNKNOWN } }], {})).toEqual({});
    expect(knownAddresses(["host"], {})).toEqual({});
  });
});

describe("the requests of a machine to its host", () => {
  const host = inputs(veth({ dns: "host" }));

  test("nothing is requested if it has an address and name servers", () => {
    expect(allocationRequest(inputs(veth({ address: "10.42.1.9" })), undefined)).toEqual({
      allocation: { leases: { dev: "10.42.1.9" } },
    });
    const before = { ...host, leases: { dev: "10.42.1.5" }, nameservers: ["192.0.2.53"] };
    expect(allocationRequest(host, before)).toEqual({
      allocation: { leases: { dev: "10.42.1.5" }, nameservers: ["192.0.2.53"] },
    });
    expect(allocationRequest(inputs(veth({ dns: "host", ports: ["1:1"] })), before).script).toBeUndefined();
    expect(allocationRequest(inputs("none"), undefined)).toEqual({ allocation: {} });
  });

  test("an address is requested at first and after its subnet changed, and name servers when its links change", () => {
    expect(allocationRequest(host, undefined).script?.text).toContain("lease_find dev web");
    const before = { ...host, leases: { dev: "10.42.1.5" }, nameservers: ["192.0.2.53"] };
    const moved = allocationRequest(inputs(veth({ dns: "host", subnet: "10.44.0.0/24" })), before);
    expect(moved.allocation).toEqual({ leases: {} });
    expect(moved.script?.text).toContain("lease_find dev web");
    const more = allocationRequest(inputs(veth({ dns: "host" }), zone({ address: "10.43.0.7" })), before);
    expect(more.allocation).toEqual({ leases: { dev: "10.42.1.5", seg: "10.43.0.7" } });
    expect(more.script?.text).not.toContain("lease_find dev web");
  });

  test("a host without a name server that machines can reach is refused, with what to write", () => {
    const lease = { key: "lease", values: ["dev", "10.42.1.5"] };
    const server = (address: string) => ({ key: "nameserver", values: [address] });
    expect(allocated(host, {}, [lease, server("192.0.2.53")])).toEqual({
      leases: { dev: "10.42.1.5" },
      nameservers: ["192.0.2.53"],
    });
    expect(() => allocated(host, {}, [lease, server("2001:db8::53")])).toThrow(
      /has no name server.*`dns: \["9.9.9.9"\]`/s,
    );
  });
});

describe("the preview refuses", () => {
  test.each([
    [[veth({ host: "web2:22" })], /"dev@x7k2" is on the host "web2:22", and the machine's root is on "web1:22"/],
    [[veth({ address: "10.42.2.5" })], /networks.0.veth.address: "10.42.2.5" is not in the subnet/],
    [[veth({ address: "10.42.1.1" })], /is the gateway/],
    [[veth(), veth()], /the network "dev" is in the list twice/],
    [[veth({ ports: ["8080"] })], /networks.0.veth.ports.0: "8080" is not a port/],
    [
      [veth({ ports: ["80:80"] }), zone({ ports: ["80:81"] })],
      /the ports "80:80\/tcp" and "80:81\/tcp" use the same port of the host/,
    ],
    [["host", veth()], /"host" must be the only entry/],
    [["bridge"], /is not a network/],
  ])("%j", (networks, message) => {
    expect(reasons(...networks)).toMatch(message);
  });

  test("a port or an address of another machine in the program", () => {
    const machine = (name: string, more: object) =>
      check(machineHandler, {}, { ...base, name, rootName: name, networks: [veth(more)], __urn: `urn:${name}` })
        .failures[0]?.reason;
    expect(machine("a", { ports: ["7000-7002:80-82"], address: "10.42.1.77" })).toBeUndefined();
    expect(machine("b", { ports: ["7001:80"] })).toMatch(/the port 7001\/tcp of web1 is already claimed by urn:a/);
    expect(machine("c", { address: "10.42.1.77" })).toMatch(/the address "10.42.1.77" in the network "dev" of web1/);
  });
});
