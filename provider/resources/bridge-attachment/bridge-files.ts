import type { Files, HostFile } from "../../host/files";
import { foremostNetworkFilePath, renderNetworkFile } from "../../systemd/network-file";
import type { Section } from "../../systemd/settings-file";
import type { BridgeCreate, Origin } from "./bridge-inputs";
import { migratedSections, stayingSections } from "./migrated-sections";

export const netdevPath = (bridge: string) => foremostNetworkFilePath(bridge, "netdev");
export const networkPath = (bridge: string) => foremostNetworkFilePath(bridge, "network");

/**
 * The networkd files that create a bridge with its uplink. A pure function of the inputs and the uplink's old state.
 */
export function bridgeFiles(bridge: string, create: BridgeCreate, origin: Origin): Files {
  const vlans = create.vlans.map((vlan) => ["VLAN", String(vlan)] as const);
  const mtu = stayingSections(origin)
    .filter(({ name }) => name === "Link")
    .flatMap(({ entries }) => entries.filter(([key]) => key === "MTUBytes"));
  const sections = (list: readonly Section[]): HostFile => ({
    text: renderNetworkFile(list.filter(({ entries }) => entries.length > 0)),
    mode: "0644",
  });
  return new Map([
    [
      netdevPath(bridge),
      sections([
        {
          name: "NetDev",
          entries: [
            ["Name", bridge],
            ["Kind", "bridge"],
            // Other hosts on the network, such as a DHCP server, know this host by it.
            ["MACAddress", origin.mac],
          ],
        },
        { name: "Bridge", entries: vlans.length > 0 ? [["VLANFiltering", "yes"]] : [] },
      ]),
    ],
    [
      // A .link file that matches the uplink by its MAC address would rename the bridge too, and udev would never
      // settle.
      foremostNetworkFilePath(bridge, "link"),
      sections([
        { name: "Match", entries: [["OriginalName", bridge]] },
        {
          name: "Link",
          entries: [
            ["NamePolicy", "keep"],
            ["MACAddressPolicy", "none"],
          ],
        },
      ]),
    ],
    [
      networkPath(bridge),
      sections([
        { name: "Match", entries: [["Name", bridge]] },
        { name: "Link", entries: mtu },
        ...migratedSections(origin, create),
      ]),
    ],
    [
      foremostNetworkFilePath(create.uplink, "network"),
      sections([
        { name: "Match", entries: [["Name", create.uplink]] },
        ...stayingSections(origin),
        {
          name: "Network",
          entries: [
            ["Bridge", bridge],
            ["LinkLocalAddressing", "no"],
          ],
        },
        { name: "BridgeVLAN", entries: vlans },
      ]),
    ],
  ]);
}
