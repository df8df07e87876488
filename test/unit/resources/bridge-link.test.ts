import { networksEffect } from "../../../provider/resources/attachments/network-specs";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { type MachineInputs, machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
const lan = (port: object = {}) => ({ bridge: { host: "web1:22", id: "br0@x7k2", name: "br0", ...port } });
const machine = (...networks: unknown[]): MachineInputs => machineInputs.parse({ ...base, networks });
const files = (...networks: unknown[]) => {
  const { restart, live } = machineFiles(machine(...networks)).files;
  return [...restart, ...live].map(([path, { text }]) => `${path}\n${text.replace(/^# .*\n/, "")}`).join("\n");
};

test("a machine on a bridge waits for it at boot, and asks DHCP for its address", () => {
  expect(files(lan())).toMatchInlineSnapshot(`
"/etc/systemd/nspawn/web.nspawn

[Exec]
Boot=yes
Hostname=web
Timezone=off
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto
BindReadOnly=/etc/systemd/nspawn/web.host0.network:/etc/systemd/network/70-host0.network

[Network]
Bridge=br0

/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-service.conf

[Unit]
Wants=sys-subsystem-net-devices-br0.device
After=sys-subsystem-net-devices-br0.device

/etc/systemd/nspawn/web.host0.network

[Match]
Name=host0

[Network]
DHCP=ipv4
"
`);
});

test("an address of its own, a gateway and name servers are in the guest's file", () => {
  expect(
    files(lan({ address: "192.168.1.20/24", gateway: "192.168.1.1", dns: ["9.9.9.9"], mac: "02:00:5e:10:00:01" })),
  ).toMatchInlineSnapshot(`
"/etc/systemd/nspawn/web.nspawn

[Exec]
Boot=yes
Hostname=web
Timezone=off
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto
BindReadOnly=/etc/systemd/nspawn/web.host0.network:/etc/systemd/network/70-host0.network

[Network]
Bridge=br0

/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-service.conf

[Unit]
Wants=sys-subsystem-net-devices-br0.device
After=sys-subsystem-net-devices-br0.device

/etc/systemd/nspawn/web.host0.network

[Match]
Name=host0

[Link]
MACAddress=02:00:5e:10:00:01

[Network]
Address=192.168.1.20/24
DNS=9.9.9.9

[Route]
Gateway=192.168.1.1
"
`);
});

test("a VLAN is set on the host's port, which stays in the bridge; given name servers replace those of DHCP", () => {
  expect(files(lan({ vlan: 20, dns: ["9.9.9.9"], mac: "02:00:5e:10:00:01" }))).toMatchInlineSnapshot(`
"/etc/systemd/nspawn/web.nspawn

[Exec]
Boot=yes
Hostname=web
Timezone=off
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto
BindReadOnly=/etc/systemd/nspawn/web.host0.network:/etc/systemd/network/70-host0.network

[Network]
Bridge=br0

/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-service.conf

[Unit]
Wants=sys-subsystem-net-devices-br0.device
After=sys-subsystem-net-devices-br0.device

/etc/systemd/network/70-vb-web.network

[Match]
Name=vb-web

[Network]
KeepMaster=yes
LinkLocalAddressing=no

[BridgeVLAN]
PVID=20
EgressUntagged=20

/etc/systemd/nspawn/web.host0.network

[Match]
Name=host0

[Link]
MACAddress=02:00:5e:10:00:01

[Network]
DHCP=ipv4
DNS=9.9.9.9

[DHCPv4]
ClientIdentifier=mac
UseDNS=no
"
`);
});

test("a further link is put into the bridge by networkd, and is not the preferred route", () => {
  const storage = {
    bridge: { host: "web1:22", id: "br1@y", name: "br-storage", address: "10.0.0.20/24", gateway: "10.0.0.1" },
  };
  expect(files(lan(), storage)).toMatchInlineSnapshot(`
"/etc/systemd/nspawn/web.nspawn

[Exec]
Boot=yes
Hostname=web
Timezone=off
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto
BindReadOnly=/etc/systemd/nspawn/web.host0.network:/etc/systemd/network/70-host0.network
BindReadOnly=/etc/systemd/nspawn/web.host1.network:/etc/systemd/network/70-host1.network

[Network]
Bridge=br0
VirtualEthernetExtra=vx1-web:host1

/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-service.conf

[Unit]
Wants=sys-subsystem-net-devices-br0.device
After=sys-subsystem-net-devices-br0.device
Wants=sys-subsystem-net-devices-br\\x2dstorage.device
After=sys-subsystem-net-devices-br\\x2dstorage.device

/etc/systemd/nspawn/web.host0.network

[Match]
Name=host0

[Network]
DHCP=ipv4

/etc/systemd/network/70-vx1-web.network

[Match]
Name=vx1-web

[Network]
Bridge=br-storage
LinkLocalAddressing=no

/etc/systemd/nspawn/web.host1.network

[Match]
Name=host1

[Network]
Address=10.0.0.20/24

[Route]
Gateway=10.0.0.1
Metric=1025
"
`);
});

test("the bridge is checked before anything is changed", () => {
  const text = machineFiles(machine(lan({ vlan: 20 })))
    .preflight.map((script) => script.text)
    .join("\n");
  expect(text).toMatch(/refuse no-bridge br0/);
  expect(text).toMatch(/refuse not-a-bridge br0/);
  expect(text).toMatch(/vlan_filtering.*refuse no-vlan-filtering br0/);
  expect(
    machineFiles(machine(lan()))
      .preflight.map((script) => script.text)
      .join("\n"),
  ).not.toMatch(/vlan/);
});

test.each([
  [[lan({ address: "192.168.1.20/24", gateway: "10.0.0.1" })], /gateway: "10\.0\.0\.1" is not in the network/],
  [[lan({ address: "192.168.1.20" })], /is not an address with a prefix length/],
  [[lan({ vlan: 0 })], /VLANs are 1 to 4094/],
  [[lan(), lan()], /the network "br0" is in the list twice/],
  [[lan(), "host"], /"host" must be the only entry/],
])("impossible networks are refused: %j", (networks, message) => {
  const { error } = machineInputs.safeParse({ ...base, networks });
  expect(error?.issues.map((issue) => issue.message).join("\n")).toMatch(message);
});

test("one bridge can be used once per VLAN", () => {
  expect(machine(lan({ vlan: 20 }), lan({ vlan: 30 })).networks).toHaveLength(2);
});

test("a bridge of another host is refused", () => {
  const other = { bridge: { ...lan().bridge, host: "web2:22" } };
  expect(machineHandler.validate?.(machine(other), undefined, {})).toEqual([
    'networks: "br0@x7k2" is on the host "web2:22", and the machine\'s root is on "web1:22".',
  ]);
  expect(machineHandler.validate?.(machine(lan()), undefined, {})).toEqual([]);
});

test("two machines cannot have one address, but may both ask DHCP for theirs", () => {
  const uniqueKeys = (port: object) => machineHandler.uniqueKeys?.(machine(lan(port))) ?? [];
  expect(uniqueKeys({ address: "192.168.1.20/24" })).toContain(
    'the address "192.168.1.20/24" on the bridge "br0" of web1',
  );
  expect(uniqueKeys({})).toEqual(['the machine "web" on web1']);
});

test("a machine restarts for its place on the bridge, but not for the name of the attachment", () => {
  const one = [lan()];
  expect(networksEffect(one, [lan({ address: "192.168.1.20/24" })])).toBe("restart");
  expect(networksEffect(one, [{ bridge: { ...lan().bridge, name: "br1" } }])).toBe("restart");
  expect(networksEffect(one, [{ bridge: { ...lan().bridge, id: "br0@other", host: "cloud-7" } }])).toBe("state");
});
