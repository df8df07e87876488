import type { Section } from "../../../systemd/settings-file";
import type { VethAttachment } from "../../fragments/veth-fragment";
import type { Link } from "./link";

/** A link in a `VethNetwork` with all that is known of it. */
export interface VethLink {
  readonly link: Link;
  readonly network: VethAttachment;
  readonly gateway: string;
  readonly address: string;
  /** IPv6 beside it, if the network has any. */
  readonly six: { readonly gateway: string; readonly address: string } | undefined;
  /** What the machine asks for names. */
  readonly nameservers: readonly string[];
}

/** How the guest sets up its end by itself: no neighbour, no router and no DHCP server is asked. */
export function staticGuest({ six, nameservers }: VethLink, addresses: readonly Section[]): Section[] {
  return [
    {
      name: "Network",
      entries: [
        ["LinkLocalAddressing", six ? "ipv6" : "no"],
        ["IPv6AcceptRA", "no"],
        ...nameservers.map((server) => ["DNS", server] as const),
      ],
    },
    ...addresses,
  ];
}

/** An address with the length of its prefix. No other machine can have it, so nothing waits for duplicates. */
export function addressSection(address: string, length: number): Section {
  const none = address.includes(":") ? [["DuplicateAddressDetection", "none"] as const] : [];
  return { name: "Address", entries: [["Address", `${address}/${length}`], ...none] };
}

/** The first link is the way out; the kernel has one default route for each metric. */
export function defaultRoute(gateway: string, link: Link, onLink: boolean): Section {
  return {
    name: "Route",
    entries: [
      ["Gateway", gateway],
      ...(onLink ? [["GatewayOnLink", "yes"] as const] : []),
      ...(link.first ? [] : [["Metric", furtherMetric(link)] as const]),
    ],
  };
}

export function furtherMetric(link: Link): string {
  return String(1024 + link.index);
}
