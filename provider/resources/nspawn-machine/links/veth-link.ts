import type { Section } from "../../../systemd/settings-file";
import type { VethAttachment } from "../../attachments/veth-spec";
import type { Link } from "./link";

/** A link in a `VethNetwork` with everything known about it. */
export interface VethLink {
  readonly link: Link;
  readonly network: VethAttachment;
  readonly gateway: string;
  readonly address: string;
  /** The additional IPv6 addresses, if the network has any. */
  readonly ipv6: { readonly gateway: string; readonly address: string } | undefined;
  /** The name servers that the machine uses. */
  readonly nameservers: readonly string[];
}

/** How the guest configures its end statically, without asking neighbours, routers or a DHCP server. */
export function staticGuest({ ipv6, nameservers }: VethLink, addresses: readonly Section[]): Section[] {
  return [
    {
      name: "Network",
      entries: [
        ["LinkLocalAddressing", ipv6 ? "ipv6" : "no"],
        ["IPv6AcceptRA", "no"],
        ...nameservers.map((server) => ["DNS", server] as const),
      ],
    },
    ...addresses,
  ];
}

/** An address with its prefix length. No other machine can have it, so nothing waits for duplicate detection. */
export function addressSection(address: string, length: number): Section {
  const none = address.includes(":") ? [["DuplicateAddressDetection", "none"] as const] : [];
  return { name: "Address", entries: [["Address", `${address}/${length}`], ...none] };
}

/** The first link has the default route; the kernel allows one default route per metric. */
export function defaultRoute(gateway: string, link: Link, onLink: boolean): Section {
  return {
    name: "Route",
    entries: [
      ["Gateway", gateway],
      ...(onLink ? [["GatewayOnLink", "yes"] as const] : []),
      ...(link.primary ? [] : [["Metric", furtherMetric(link)] as const]),
    ],
  };
}

export function furtherMetric(link: Link): string {
  return String(1024 + link.index);
}
