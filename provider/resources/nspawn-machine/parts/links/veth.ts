import { networkFilePath, renderNetworkFile } from "../../../../systemd/network-file";
import type { Section } from "../../../../systemd/settings-file";
import { addressAt, gatewayOf, offsetIn } from "../../../../systemd/subnet";
import type { VethAttachment } from "../../../fragments/veth";
import { type Contribution, merge } from "../../contribution";
import type { Granted } from "../../inputs";
import { guestNetwork } from "./guest";
import { type Link, linkAt } from "./link";

/** A machine's link in a `VethNetwork`; nothing while the host has not given it an address. */
export function vethLink(machine: string, network: VethAttachment, index: number, granted: Granted): Contribution {
  const link = linkAt(machine, index, "ve");
  const address = network.address ?? granted.leases?.[network.network];
  if (address === undefined) return {};
  return isolatedLink(link, network, address, nameservers(network, granted));
}

/** The servers that the machine is told of. */
function nameservers({ dns, subnet }: VethAttachment, granted: Granted): readonly string[] {
  if (dns === "stub") return [gatewayOf(subnet)];
  return dns === "host" ? (granted.nameservers ?? []) : dns;
}

/**
 * A link of its own: the gateway's address stands on every such link of the host as a single one, and a route leads to the
 * machine's. So there is one gateway for all, and no machine sees another's packets.
 */
function isolatedLink(link: Link, network: VethAttachment, address: string, dns: readonly string[]): Contribution {
  const { subnet, subnet6 } = network;
  const gateway = gatewayOf(subnet);
  const six = subnet6 && { gateway: gatewayOf(subnet6), address: addressAt(subnet6, offsetIn(subnet, address)) };
  const host: Section[] = [
    { name: "Match", entries: [["Name", link.outside]] },
    {
      name: "Network",
      entries: [
        ["LinkLocalAddressing", six ? "ipv6" : "no"],
        ["IPv6AcceptRA", "no"],
        ["IPv4RouteLocalnet", "yes"],
      ],
    },
    ...single(gateway),
    {
      name: "Route",
      entries: [
        ["Destination", `${address}/32`],
        ["Scope", "link"],
      ],
    },
    ...(six
      ? [...single(six.gateway), { name: "Route", entries: [["Destination", `${six.address}/128`]] } as const]
      : []),
  ];
  const guest: Section[] = [
    {
      name: "Network",
      entries: [
        ["LinkLocalAddressing", six ? "ipv6" : "no"],
        ["IPv6AcceptRA", "no"],
        ...dns.map((server) => ["DNS", server] as const),
      ],
    },
    ...single(address),
    defaultRoute(gateway, link),
    ...(six ? [...single(six.address), defaultRoute(six.gateway, link)] : []),
  ];
  const plugged: Contribution = {
    nspawn: [
      link.first
        ? { section: "Network", key: "VirtualEthernet", value: "yes" }
        : { section: "Network", key: "VirtualEthernetExtra", value: `${link.outside}:${link.inside}` },
    ],
    restart: new Map([[networkFilePath(link.outside), { text: renderNetworkFile(host), mode: "0644" }]]),
    links: [{ inside: link.inside, address }],
  };
  return merge([plugged, guestNetwork(link, guest)]);
}

/** An address without a subnet around it. Nobody else on the link can have it, so nothing waits for duplicates. */
function single(address: string): Section[] {
  if (!address.includes(":")) return [{ name: "Address", entries: [["Address", `${address}/32`]] }];
  return [
    {
      name: "Address",
      entries: [
        ["Address", `${address}/128`],
        ["DuplicateAddressDetection", "none"],
      ],
    },
  ];
}

/** The first link is the way out; the kernel has one default route for each metric. */
function defaultRoute(gateway: string, link: Link): Section {
  const metric = link.first ? [] : [["Metric", String(1024 + link.index)] as const];
  return { name: "Route", entries: [["Gateway", gateway], ["GatewayOnLink", "yes"], ...metric] };
}
