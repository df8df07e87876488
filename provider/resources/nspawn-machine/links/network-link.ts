import { expectAttachment, lockNetworks, releaseAttachments, settleNetworks } from "../../../host/networks/attachments";
import { forgetLinks, reloadNetworkd } from "../../../host/networks/networkd";
import { claimOf, machinePart, machinePartPath } from "../../../nftables/table";
import { addressAt, boundsOf, gatewayOf, offsetIn } from "../../../systemd/subnet";
import { subnet6Of, type VethAttachment } from "../../attachments/veth-spec";
import type { Allocation } from "../machine-outputs";
import { merge, type Rendered } from "../section";
import { isolatedLink } from "./isolated";
import { linkAt } from "./link";
import type { VethLink } from "./veth-link";
import { zoneLink } from "./zone";

/**
 * A machine's link in a `VethNetwork`. Until the host has assigned an address, only what is needed to remove such a
 * link.
 */
export function vethLink(machine: string, network: VethAttachment, index: number, allocation: Allocation): Rendered {
  const always: Rendered = {
    locks: [lockNetworks],
    afterWrite: [settleNetworks],
    beforeStart: [reloadNetworkd],
    cleanup: [releaseAttachments(machine), forgetLinks],
  };
  const address = network.address ?? allocation.leases?.[network.network];
  if (address === undefined) return always;
  const subnet6 = subnet6Of(network);
  const veth: VethLink = {
    link: linkAt(machine, index, network.mode === "zone" ? "vb" : "ve"),
    network,
    gateway: gatewayOf(network.subnet),
    address,
    ipv6:
      subnet6 === undefined
        ? undefined
        : { gateway: gatewayOf(subnet6), address: addressAt(subnet6, offsetIn(network.subnet, address)) },
    nameservers: nameserversIn(network, allocation),
  };
  return merge([network.mode === "zone" ? zoneLink(veth) : isolatedLink(veth), placeInNetwork(veth), always]);
}

/** The name servers given to a machine. IPv6 ones are left out unless the machine has an IPv6 address. */
export function nameserversIn(network: VethAttachment, { nameservers = [] }: Allocation): string[] {
  if (network.dns === "stub") return [gatewayOf(network.subnet)];
  const servers = network.dns === "host" ? nameservers : network.dns;
  return servers.filter((server) => subnet6Of(network) !== undefined || !server.includes(":"));
}

/** Its address and ports, which no other machine may have. This part of the table also records who uses the network. */
function placeInNetwork({ link, network, address, ipv6 }: VethLink): Rendered {
  const { network: name, subnet, ports } = network;
  const attachment = { machine: link.machine, network: name, subnet, bounds: boundsOf(subnet) };
  const text = machinePart({ address, address6: ipv6?.address, ports });
  return {
    live: new Map([[machinePartPath(name, link.machine), { text, mode: "0644" }]]),
    preflight: [expectAttachment(attachment, address, ports.map(claimOf))],
    links: [{ guestInterface: link.guestInterface, address }],
  };
}
