import { createHash } from "node:crypto";
import { settleLoopbackIfThere } from "../../../host/networks/loopback";
import { isOfLoopback } from "../../../nftables/ports";
import { machinePartName } from "../../../nftables/table";
import { networkFilePath, renderNetworkFile } from "../../../systemd/network-file";
import type { Entry, Section } from "../../../systemd/settings-file";
import { prefixLengthOf } from "../../../systemd/subnet";
import { merge, type Rendered } from "../section";
import { guestNetwork } from "./guest";
import { addressSection, defaultRoute, furtherMetric, staticGuest, type VethLink } from "./veth-link";

/** A link into the network's shared segment, a bridge that systemd-nspawn creates with its first machine. */
export function zoneLink(veth: VethLink): Rendered {
  const { link, network } = veth;
  const attached = link.primary
    ? { nspawn: [{ section: "Network", key: "Zone", value: network.network }] }
    : furtherLink(veth, `vz-${network.network}`);
  return merge([
    attached,
    hostEnd(veth),
    network.dhcp ? askingGuest(veth) : guestNetwork(link, guestEnd(veth)),
    inForce(veth),
  ]);
}

/** The bridge is open for ports of 127.0.0.1 as long as any machine in it publishes one. */
function inForce({ link, network: { network, ports } }: VethLink): Rendered {
  const bridge = `vz-${network}`;
  const parts = machinePartName(network, "*");
  return {
    hostLinks: [
      { interface: link.hostInterface, master: bridge },
      { interface: bridge, loopback: { parts, ...(ports.some(isOfLoopback) && { open: true }) } },
    ],
    cleanup: [settleLoopbackIfThere(bridge, { parts })],
  };
}

/**
 * systemd-nspawn adds only the first link to a zone. For a further one, the unit does the same, and creates the bridge
 * if needed.
 */
function furtherLink({ link }: VethLink, bridge: string): Rendered {
  const run = (key: string, value: string): Entry => ({ section: "Service", key, value });
  return {
    nspawn: [
      { section: "Network", key: "VirtualEthernetExtra", value: `${link.hostInterface}:${link.guestInterface}` },
    ],
    unit: [
      run("ExecStartPre", `-ip link add name ${bridge} type bridge`),
      run("ExecStartPost", `ip link set dev ${link.hostInterface} master ${bridge} up`),
    ],
  };
}

/**
 * For settings beyond systemd's own file for bridge ports. Without KeepMaster, networkd removes a link from its bridge.
 */
function hostEnd({ link, network }: VethLink): Rendered {
  if (link.primary && !network.apart) return {};
  const sections: Section[] = [
    { name: "Match", entries: [["Name", link.hostInterface]] },
    { name: "Link", entries: [["RequiredForOnline", "no"]] },
    {
      name: "Network",
      entries: [
        ["KeepMaster", "yes"],
        ["LinkLocalAddressing", "no"],
        ["IPv6AcceptRA", "no"],
      ],
    },
    ...(network.apart ? [{ name: "Bridge", entries: [["Isolated", "yes"]] as const }] : []),
  ];
  return {
    restart: new Map([[networkFilePath(link.hostInterface), { text: renderNetworkFile(sections), mode: "0644" }]]),
  };
}

function guestEnd(veth: VethLink): Section[] {
  const { link, network, gateway, address, ipv6 } = veth;
  return staticGuest(veth, [
    addressSection(address, prefixLengthOf(network.subnet)),
    defaultRoute(gateway, link, false),
    ...(ipv6 ? [addressSection(ipv6.address, 64), defaultRoute(ipv6.gateway, link, false)] : []),
  ]);
}

/**
 * The server identifies the machine by this MAC address. systemd-nspawn's default would depend on the host's
 * machine-id.
 */
function askingGuest({ link, network, address, nameservers }: VethLink): Rendered {
  const mac = macOf(network.network, link.machine);
  const leasePath = `${networkFilePath(`vz-${network.network}`)}.d/${link.machine}.conf`;
  const lease: Section = {
    name: "DHCPServerStaticLease",
    entries: [
      ["MACAddress", mac],
      ["Address", address],
    ],
  };
  const guest = guestNetwork(link, [
    { name: "Link", entries: [["MACAddress", mac]] },
    {
      name: "Network",
      entries: [
        ["DHCP", "ipv4"],
        ["LinkLocalAddressing", "no"],
        ["IPv6AcceptRA", "no"],
        ...nameservers.map((server) => ["DNS", server] as const),
      ],
    },
    {
      name: "DHCPv4",
      entries: [
        ["ClientIdentifier", "mac"],
        ["UseDNS", "no"],
        ...(link.primary ? [] : [["RouteMetric", furtherMetric(link)] as const]),
      ],
    },
  ]);
  return merge([guest, { restart: new Map([[leasePath, { text: renderNetworkFile([lease]), mode: "0644" }]]) }]);
}

/** A locally administered address, derived from the names. */
function macOf(network: string, machine: string): string {
  const digest = createHash("sha256").update(`${network} ${machine}`).digest("hex");
  return ["02", ...(digest.slice(0, 10).match(/../g) ?? [])].join(":");
}
