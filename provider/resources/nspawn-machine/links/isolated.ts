import { isOfLoopback } from "../../../nftables/ports";
import { linkGroup, machinePartName } from "../../../nftables/table";
import { networkFilePath, renderNetworkFile } from "../../../systemd/network-file";
import type { Section } from "../../../systemd/settings-file";
import { offsetIn, prefixLengthOf } from "../../../systemd/subnet";
import { merge, type Rendered } from "../section";
import { guestNetwork } from "./guest";
import { addressSection, defaultRoute, furtherMetric, staticGuest, type VethLink } from "./veth-link";

/**
 * A separate link per machine. Every such link of the host has the gateway's address, and a route to its machine's. So
 * all machines share one gateway, and none sees another's packets.
 */
export function isolatedLink(veth: VethLink): Rendered {
  const { link, network } = veth;
  const host: Rendered = {
    nspawn: [
      link.primary
        ? { section: "Network", key: "VirtualEthernet", value: "yes" }
        : { section: "Network", key: "VirtualEthernetExtra", value: `${link.hostInterface}:${link.guestInterface}` },
    ],
    restart: new Map([[networkFilePath(link.hostInterface), { text: renderNetworkFile(hostEnd(veth)), mode: "0644" }]]),
  };
  return merge([host, network.dhcp ? askingGuest(veth) : guestNetwork(link, guestEnd(veth)), inForce(veth)]);
}

function inForce({ link, network, gateway, address, ipv6 }: VethLink): Rendered {
  const length = network.dhcp ? prefixLengthOf(network.subnet) : 32;
  return {
    hostLinks: [
      {
        interface: link.hostInterface,
        addresses: [`${gateway}/${length}`, ...(ipv6 ? [`${ipv6.gateway}/128`] : [])],
        routes: [address, ...(ipv6 ? [ipv6.address] : [])],
        loopback: {
          parts: machinePartName(network.network, link.machine),
          open: network.ports.some(isOfLoopback),
        },
      },
    ],
  };
}

function hostEnd(veth: VethLink): Section[] {
  const { link, network, gateway, address, ipv6 } = veth;
  return [
    { name: "Match", entries: [["Name", link.hostInterface]] },
    {
      name: "Link",
      entries: [
        ["Group", String(linkGroup(network.network))],
        ["RequiredForOnline", "no"],
      ],
    },
    {
      name: "Network",
      entries: [
        ["LinkLocalAddressing", ipv6 ? "ipv6" : "no"],
        ["IPv6AcceptRA", "no"],
        // A machine with an address from DHCP assumes that the whole subnet is on its link.
        ...(network.dhcp
          ? ([
              ["IPv4ProxyARP", "yes"],
              ["DHCPServer", "yes"],
            ] as const)
          : []),
      ],
    },
    network.dhcp ? servingAddress(veth) : addressSection(gateway, 32),
    {
      name: "Route",
      entries: [
        ["Destination", `${address}/32`],
        ["Scope", "link"],
      ],
    },
    ...(ipv6
      ? [
          addressSection(ipv6.gateway, 128),
          { name: "Route", entries: [["Destination", `${ipv6.address}/128`]] as const },
        ]
      : []),
    ...(network.dhcp ? [lease(veth)] : []),
  ];
}

/**
 * networkd serves addresses from the prefix of the link's own address; the route to that prefix would be on every link.
 */
function servingAddress({ network, gateway }: VethLink): Section {
  return {
    name: "Address",
    entries: [
      ["Address", `${gateway}/${prefixLengthOf(network.subnet)}`],
      ["AddPrefixRoute", "no"],
    ],
  };
}

/** A pool of one, for whatever is at the other end: an ephemeral machine is a different client each time it starts. */
function lease({ network, address, nameservers }: VethLink): Section {
  return {
    name: "DHCPServer",
    entries: [
      ["PoolOffset", String(offsetIn(network.subnet, address))],
      ["PoolSize", "1"],
      ["PersistLeases", "no"],
      ...nameservers.map((server) => ["DNS", server] as const),
    ],
  };
}

function guestEnd(veth: VethLink): Section[] {
  const { link, gateway, address, ipv6 } = veth;
  return staticGuest(veth, [
    addressSection(address, 32),
    defaultRoute(gateway, link, true),
    ...(ipv6 ? [addressSection(ipv6.address, 128), defaultRoute(ipv6.gateway, link, true)] : []),
  ]);
}

/**
 * Guests use DHCP on `host0` by default (systemd's 80-container-host0.network), and on further links only if
 * configured.
 */
function askingGuest({ link }: VethLink): Rendered {
  if (link.primary) return {};
  return guestNetwork(link, [
    {
      name: "Network",
      entries: [
        ["DHCP", "ipv4"],
        ["LinkLocalAddressing", "no"],
      ],
    },
    { name: "DHCPv4", entries: [["RouteMetric", furtherMetric(link)]] },
  ]);
}
