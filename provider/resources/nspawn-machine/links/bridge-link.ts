import { expectBridge, expectVlanFiltering } from "../../../host/networks/bridges";
import { forgetLinks, reloadNetworkd } from "../../../host/networks/networkd";
import { interfaceUnit } from "../../../systemd/interface";
import { networkFilePath, renderNetworkFile } from "../../../systemd/network-file";
import type { Entry, Section } from "../../../systemd/settings-file";
import { type BridgePort, hostOf } from "../../attachments/bridge-spec";
import { merge, type Rendered } from "../section";
import { guestNetwork } from "./guest";
import { type Link, linkAt } from "./link";

type Bridge = BridgePort & { readonly name: string };

/** A machine's link into a bridge of the host. It connects the machine to the same network as the host. */
export function bridgeLink(machine: string, bridge: Bridge, index: number): Rendered {
  const link = linkAt(machine, index, "vb");
  const inForce = { hostLinks: [{ interface: link.hostInterface, master: bridge.name }] };
  return merge([attached(link, bridge), hostEnd(link, bridge), guestNetwork(link, guestEnd(link, bridge)), inForce]);
}

function attached(link: Link, { name, vlan, address }: Bridge): Rendered {
  const device = interfaceUnit(name);
  return {
    nspawn: [
      link.primary
        ? { section: "Network", key: "Bridge", value: name }
        : { section: "Network", key: "VirtualEthernetExtra", value: `${link.hostInterface}:${link.guestInterface}` },
    ],
    // At boot, networkd may create the bridge later than machines would start (systemd.nspawn(5), Bridge=).
    unit: ["Wants", "After"].map((key): Entry => ({ section: "Unit", key, value: device })),
    preflight: [expectBridge(name), ...(vlan === undefined ? [] : [expectVlanFiltering(name)])],
    links: [{ guestInterface: link.guestInterface, ...(address !== "dhcp" && { address: hostOf(address) }) }],
  };
}

/**
 * The end on the host. systemd-nspawn itself adds the first link to the bridge, and the file that systemd ships keeps
 * it there. If more settings are needed, ours must repeat that (systemd issue 20624). networkd adds further links to
 * the bridge.
 */
function hostEnd(link: Link, { name, vlan }: Bridge): Rendered {
  if (link.primary && vlan === undefined) return {};
  const sections: Section[] = [
    { name: "Match", entries: [["Name", link.hostInterface]] },
    {
      name: "Network",
      entries: [link.primary ? ["KeepMaster", "yes"] : ["Bridge", name], ["LinkLocalAddressing", "no"]],
    },
  ];
  if (vlan !== undefined) {
    const id = String(vlan);
    sections.push({
      name: "BridgeVLAN",
      entries: [
        ["PVID", id],
        ["EgressUntagged", id],
      ],
    });
  }
  return {
    restart: new Map([[networkFilePath(link.hostInterface), { text: renderNetworkFile(sections), mode: "0644" }]]),
    // networkd would remove a link from the bridge that appears before networkd has read its file.
    beforeStart: [reloadNetworkd],
    cleanup: [forgetLinks],
  };
}

function guestEnd(link: Link, bridge: Bridge): Section[] {
  const { address, dns, mac } = bridge;
  const sections: Section[] = [
    { name: "Link", entries: mac === undefined ? [] : [["MACAddress", mac]] },
    {
      name: "Network",
      entries: [
        address === "dhcp" ? ["DHCP", "ipv4"] : ["Address", address],
        ...(dns ?? []).map((server) => ["DNS", server] as const),
      ],
    },
    ...(address === "dhcp" ? [dhcpClient(link, bridge)] : wayOut(link, bridge)),
  ];
  return sections.filter(({ entries }) => entries.length > 0);
}

function dhcpClient(link: Link, { dns, mac }: Bridge): Section {
  return {
    name: "DHCPv4",
    entries: [
      // A server that identifies machines by their MAC address must see it.
      ...(mac === undefined ? [] : [["ClientIdentifier", "mac"] as const]),
      ...(dns === undefined ? [] : [["UseDNS", "no"] as const]),
      ...metric(link, "RouteMetric"),
    ],
  };
}

function wayOut(link: Link, { gateway }: Bridge): Section[] {
  return gateway === undefined ? [] : [{ name: "Route", entries: [["Gateway", gateway], ...metric(link, "Metric")] }];
}

/** The first link has the default route; the kernel allows one default route per metric. */
function metric(link: Link, key: string): Section["entries"] {
  return link.primary ? [] : [[key, String(1024 + link.index)]];
}
