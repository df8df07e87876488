import type { Files, HostFile } from "../../host/files";
import { forwardingSettings, forwardingSettingsPath } from "../../host/networks/forwarding";
import type { HostLink } from "../../host/networks/links";
import { linkGroup, networkPart, networkPartPath } from "../../nftables/table";
import { networkFilePath, renderNetworkFile } from "../../systemd/network-file";
import { renderSections, type Section } from "../../systemd/settings-file";
import { boundsOf, gatewayOf, prefixLengthOf } from "../../systemd/subnet";
import { subnet6Of } from "../attachments/veth-spec";
import type { NetworkInputs } from "./network-inputs";

/** The files that a network owns on its host: a pure function of its inputs. */
export function networkFiles(inputs: NetworkInputs): Files {
  const { name, dns, mode } = inputs;
  const subnet6 = subnet6Of(inputs);
  const resolver = stubOf(inputs);
  const file = (text: string): HostFile => ({ text, mode: "0644" });
  return new Map([
    [networkPartPath(name), file(networkPart({ ...inputs, subnet6, resolver }))],
    [forwardingSettingsPath(name), file(forwardingSettings(subnet6 !== undefined))],
    ...(mode === "zone" ? ([[networkFilePath(`vz-${name}`), file(renderNetworkFile(bridge(inputs)))]] as const) : []),
    ...(dns === "stub" ? ([[stubPath(name), file(stubSettings(gatewayOf(inputs.subnet)))]] as const) : []),
  ]);
}

/** The host's address that machines use as name server, if they do. */
export function stubOf({ dns, subnet }: Pick<NetworkInputs, "dns" | "subnet">): string | undefined {
  return dns === "stub" ? gatewayOf(subnet) : undefined;
}

function stubPath(network: string): string {
  return `/etc/systemd/resolved.conf.d/70-pulumi-nspawn-${network}.conf`;
}

/** resolved binds the address before any link has it (systemd-resolved.service(8), resolved.conf(5)). */
function stubSettings(address: string): string {
  return renderSections("Managed by pulumi-nspawn.", [
    { name: "Resolve", entries: [["DNSStubListenerExtra", address]] },
  ]);
}

/** The bridge of a zone while it is there. */
export function bridgeLink({ name, subnet, subnet6: given }: NetworkInputs): HostLink {
  const subnet6 = subnet6Of({ subnet6: given });
  return {
    interface: `vz-${name}`,
    // ConfigureWithoutCarrier=
    always: true,
    addresses: [
      `${gatewayOf(subnet)}/${prefixLengthOf(subnet)}`,
      ...(subnet6 === undefined ? [] : [`${gatewayOf(subnet6)}/64`]),
    ],
  };
}

/** The host's end of a zone: the bridge that systemd-nspawn creates with the zone's first machine. */
function bridge(inputs: NetworkInputs): Section[] {
  const { name, subnet, dhcp, dns } = inputs;
  const subnet6 = subnet6Of(inputs);
  const servers = dns === "stub" ? [gatewayOf(subnet)] : dns === "host" ? [] : dns;
  return [
    { name: "Match", entries: [["Name", `vz-${name}`]] },
    {
      name: "Link",
      entries: [
        ["Group", String(linkGroup(name))],
        ["RequiredForOnline", "no"],
      ],
    },
    {
      name: "Network",
      entries: [
        ["LinkLocalAddressing", subnet6 ? "ipv6" : "no"],
        ["IPv6AcceptRA", "no"],
        ["ConfigureWithoutCarrier", "yes"],
        ...(dhcp ? [["DHCPServer", "yes"] as const] : []),
      ],
    },
    { name: "Address", entries: [["Address", `${gatewayOf(subnet)}/${prefixLengthOf(subnet)}`]] },
    ...(subnet6
      ? [
          {
            name: "Address",
            entries: [
              ["Address", `${gatewayOf(subnet6)}/64`],
              ["DuplicateAddressDetection", "none"],
            ] as const,
          },
        ]
      : []),
    ...(dhcp ? [{ name: "DHCPServer", entries: dhcpEntries(subnet, servers) }] : []),
  ];
}

/**
 * Machines have static leases. The server also needs a pool, and this is the smallest one, which none of our machines
 * uses.
 */
function dhcpEntries(subnet: string, servers: readonly string[]): [string, string][] {
  const { first, last } = boundsOf(subnet);
  return [
    ["PoolOffset", String(last - first - 1)],
    ["PoolSize", "1"],
    // A machine's former address may be reassigned at once; systemd 257 would keep it for its former client.
    ["PersistLeases", "no"],
    ...servers.filter((server) => !server.includes(":")).map((server): [string, string] => ["DNS", server]),
  ];
}
