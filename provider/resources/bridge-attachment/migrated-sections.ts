import { RESET, type Section } from "../../systemd/settings-file";
import { parseSettings } from "../../systemd/settings-parser";
import type { BridgeCreate, Origin } from "./bridge-inputs";

type SettingEntry = Section["entries"][number];

/** Network-layer settings, which move to the bridge (systemd.network(5)). All others stay with the uplink. */
const MIGRATED_SECTIONS = new Set([
  "Link",
  "Network",
  "Address",
  "Neighbor",
  "IPv6AddressLabel",
  "RoutingPolicyRule",
  "NextHop",
  "Route",
  "DHCPv4",
  "DHCPv6",
  "DHCPv6PrefixDelegation",
  "DHCPPrefixDelegation",
  "IPv6AcceptRA",
  "DHCPServer",
  "DHCPServerStaticLease",
  "IPv6SendRA",
  "IPv6Prefix",
  "IPv6RoutePrefix",
  "IPv6PREF64Prefix",
]);

/** Exceptions in these sections: they concern the wire, or interfaces on top of it, and stay with the uplink. */
const STAYING_KEYS: Readonly<Record<string, readonly string[]>> = {
  Link: ["MACAddress", "MTUBytes", "ARP", "Promiscuous", "AllMulticast", "Multicast"],
  Network: ["VLAN", "LLDP", "EmitLLDP"],
};

/** Interfaces that the kernel does not allow on top of a bridge port. */
const IMPOSSIBLE_KEYS = ["MACVLAN", "MACVTAP", "IPVLAN", "IPVTAP", "Bond", "VRF", "BatmanAdvanced"];

/** Settings of the uplink that prevent it from joining a bridge: `MACVLAN=mv0`. */
export function impossibleSettings(origin: Origin): string[] {
  return sectionsOf(origin)
    .filter(({ name }) => name === "Network")
    .flatMap(({ entries }) => entries)
    .flatMap(([key, value]) => (IMPOSSIBLE_KEYS.includes(key) && value !== RESET ? [`${key}=${String(value)}`] : []));
}

/** The settings of an uplink that move to the bridge, with the requested addresses. */
export function migratedSections(origin: Origin, create: BridgeCreate): Section[] {
  const moving = sectionsOf(origin)
    .filter(({ name }) => MIGRATED_SECTIONS.has(name))
    .map((section) => only(section, ([key]) => !STAYING_KEYS[section.name]?.includes(key)));
  const { addresses } = create;
  const wanted = addresses === "keep" ? moving : [...moving.flatMap((section) => readdressed(section, create))];
  return [...withEntries(wanted), ...ownAddresses(create), ...clientId(origin, moving)];
}

/** The settings of an uplink that stay with it. */
export function stayingSections(origin: Origin): Section[] {
  return withEntries(
    sectionsOf(origin)
      .filter(({ name }) => name !== "Match" && !name.startsWith("X-"))
      .map((section) =>
        MIGRATED_SECTIONS.has(section.name)
          ? only(section, ([key]) => STAYING_KEYS[section.name]?.includes(key) ?? false)
          : section,
      ),
  );
}

/** Whether the uplink has its IPv4 address, and with it the gateway, from DHCP. */
export function usesDhcp4(origin: Origin): boolean {
  const values = networkValues(sectionsOf(origin), "DHCP");
  return ["yes", "true", "on", "1", "both", "ipv4", "v4"].includes(values.at(-1) ?? "no");
}

function sectionsOf({ files }: Origin): Section[] {
  return files.flatMap(({ text }) => parseSettings(text));
}

function networkValues(sections: readonly Section[], wanted: string): string[] {
  return sections
    .filter(({ name }) => name === "Network")
    .flatMap(({ entries }) => entries)
    .flatMap(([key, value]) => (key === wanted && typeof value === "string" ? [value] : []));
}

function only(section: Section, keep: (entry: SettingEntry) => boolean): Section {
  return { ...section, entries: section.entries.filter(keep) };
}

function withEntries(sections: readonly Section[]): Section[] {
  return sections.filter(({ entries }) => entries.length > 0);
}

/** A section without the uplink's IPv4 addresses, and without settings that `create` overrides. */
function readdressed(section: Section, { gateway, dns }: BridgeCreate): Section[] {
  const value = (wanted: string) => section.entries.find(([key]) => key === wanted)?.[1];
  const isFour = (text: Section["entries"][number][1] | undefined) => typeof text === "string" && !text.includes(":");
  switch (section.name) {
    case "Network":
      return [
        {
          name: section.name,
          entries: section.entries.flatMap(([key, text]): SettingEntry[] => {
            if (key === "DHCP") return withoutDhcp4(text);
            if (key === "Address" && isFour(text)) return [];
            if (key === "Gateway" && gateway !== undefined && isFour(text)) return [];
            return key === "DNS" && dns !== undefined ? [] : [[key, text]];
          }),
        },
      ];
    case "Address":
      return isFour(value("Address")) ? [] : [section];
    case "Route": {
      const isDefault = isFour(value("Gateway")) && (value("Destination") ?? "0.0.0.0/0") === "0.0.0.0/0";
      return gateway !== undefined && isDefault ? [] : [section];
    }
    default:
      return [section];
  }
}

function withoutDhcp4(value: SettingEntry[1]): SettingEntry[] {
  if (typeof value !== "string") return [["DHCP", value]];
  if (["yes", "true", "on", "1", "both"].includes(value)) return [["DHCP", "ipv6"]];
  return ["ipv4", "v4"].includes(value) ? [] : [["DHCP", value]];
}

function ownAddresses({ addresses, gateway, dns }: BridgeCreate): Section[] {
  if (addresses === "keep") return [];
  const entries: SettingEntry[] = [
    ...addresses.map((address): SettingEntry => ["Address", address]),
    ...(gateway === undefined ? [] : [["Gateway", gateway] as const]),
    ...(dns ?? []).map((server): SettingEntry => ["DNS", server]),
  ];
  return withEntries([{ name: "Network", entries }]);
}

/** DHCP servers distinguish clients by this number; networkd derives it from the interface's name. */
function clientId({ iaid }: Origin, moving: readonly Section[]): Section[] {
  if (iaid === undefined) return [];
  return ["DHCPv4", "DHCPv6"].flatMap((name) => {
    const given = moving.some((section) => section.name === name && section.entries.some(([key]) => key === "IAID"));
    return given ? [] : [{ name, entries: [["IAID", String(iaid)] as const] }];
  });
}
