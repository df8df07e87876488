import { effectOf, UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { firewallWarning } from "../../../provider/resources/veth-network/firewall-warning";
import { networkFiles } from "../../../provider/resources/veth-network/network-files";
import { networkHandler } from "../../../provider/resources/veth-network/network-handler";
import { networkInputs } from "../../../provider/resources/veth-network/network-inputs";

const news = { host: { connection: { host: "web1" } }, name: "dev", subnet: "10.42.1.0/24" };
const files = (inputs: object) =>
  Object.fromEntries(
    [...networkFiles(networkInputs.parse({ ...news, ...inputs }))].map(([path, { text }]) => [path, text]),
  );
const reasons = (inputs: object) =>
  check(networkHandler, {}, { ...news, ...inputs })
    .failures.map(({ reason }) => reason)
    .join("\n");

test("the gateway is known in a preview, and unknown if the subnet is", () => {
  expect(check(networkHandler, {}, news).inputs.gateway).toBe("10.42.1.1");
  expect(check(networkHandler, {}, { ...news, subnet: UNKNOWN }).inputs.gateway).toBe(UNKNOWN);
});

test("defaults are returned, so that previews know what depends on them", () => {
  const { gateway: _gateway, ...once } = check(networkHandler, {}, news).inputs;
  expect(once).toMatchObject({ subnet6: "none", mode: "isolated", nat: true, dhcp: false, dns: "host" });
  expect(once).toMatchObject({ isolation: { machines: false, host: false }, credentials: {} });
  expect(check(networkHandler, {}, once).inputs).toMatchObject(once);
});

test("only the name and the host make another network; everything else changes in place", () => {
  const effects = Object.entries(networkHandler.inputs.shape).map(([key, schema]) => [
    key,
    effectOf(key, schema, 1, 2),
  ]);
  expect(Object.fromEntries(effects)).toEqual({
    host: "state",
    credentials: "state",
    name: "replace",
    subnet: "live",
    subnet6: "live",
    mode: "live",
    nat: "live",
    dhcp: "live",
    dns: "live",
    isolation: "live",
    timeouts: "state",
    adopt: "state",
  });
});

test.each([
  [{ name: "my_net" }, /name: "my_net" is not the name of a network/],
  [{ name: "thirteen-long" }, /up to 12 lower-case letters/],
  [{ subnet: "10.42.1.0" }, /subnet: "10.42.1.0" is not a subnet/],
  [{ dns: "8.8.8.8" }, /dns: write "host", "stub", or a list/],
  [{ dns: ["8.8.8"] }, /dns/],
  [{ dns: ["2606:4700::1111"] }, /machines cannot reach "2606:4700::1111" without an IPv6 address/],
  [{ dhcp: true, subnet6: "fd42:1::/64" }, /DHCP leases are IPv4 addresses only/],
  [{ mode: "bridge" }, /mode: write "isolated" or "zone"/],
  [{ gateway: "10.42.1.254" }, /"gateway" is not an input of VethNetwork/],
])("bad input is refused in the preview: %j", (inputs, message) => {
  expect(reasons(inputs)).toMatch(message);
});

test("two networks of one name on one host are refused", () => {
  expect(reasons({ __urn: "urn:one", name: "twice" })).toBe("");
  expect(reasons({ __urn: "urn:two", name: "twice" })).toMatch(
    /the network "twice" on web1 is already claimed by urn:one/,
  );
});

test("an isolated network owns its part of the table and the file that enables forwarding", () => {
  expect(Object.keys(files({}))).toEqual([
    "/etc/pulumi-nspawn/nftables/50-dev.nft",
    "/etc/sysctl.d/90-pulumi-nspawn-dev.conf",
  ]);
  expect(files({ subnet6: "fd42:1::/64" })["/etc/sysctl.d/90-pulumi-nspawn-dev.conf"]).toContain(
    "net.ipv6.conf.all.forwarding = 1\n",
  );
});

test("a zone has its bridge set up, with DHCP if requested", () => {
  const text = files({ mode: "zone", dhcp: true, dns: ["192.0.2.53"] });
  expect(text["/etc/systemd/network/70-vz-dev.network"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Match]
Name=vz-dev

[Link]
Group=1175520761
RequiredForOnline=no

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
ConfigureWithoutCarrier=yes
DHCPServer=yes

[Address]
Address=10.42.1.1/24

[DHCPServer]
PoolOffset=254
PoolSize=1
PersistLeases=no
DNS=192.0.2.53
"
`);
  expect(
    files({ mode: "zone", subnet6: "fd42:1::/64" })["/etc/systemd/network/70-vz-dev.network"],
  ).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Match]
Name=vz-dev

[Link]
Group=1175520761
RequiredForOnline=no

[Network]
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
ConfigureWithoutCarrier=yes

[Address]
Address=10.42.1.1/24

[Address]
Address=fd42:1::1/64
DuplicateAddressDetection=none
"
`);
});

test("the host's systemd-resolved listens for machines on the gateway's address", () => {
  expect(files({ dns: "stub" })["/etc/systemd/resolved.conf.d/70-pulumi-nspawn-dev.conf"]).toContain(
    "[Resolve]\nDNSStubListenerExtra=10.42.1.1\n",
  );
});

test("a firewall's warning has the commands for this network", () => {
  const inputs = networkInputs.parse({ ...news, dhcp: true });
  const warning = (kind: "firewalld" | "ufw" | "chain") =>
    firewallWarning({ kind, chain: "inet filter forward" }, inputs);
  expect(warning("firewalld")).toContain("sudo firewall-cmd --permanent --zone=trusted --add-source=10.42.1.0/24");
  expect(warning("ufw")).toContain("sudo ufw route allow from 10.42.1.0/24\n  sudo ufw route allow to 10.42.1.0/24");
  expect(warning("chain")).toContain("sudo nft add rule inet filter forward ip saddr 10.42.1.0/24 accept");
});
