import { z } from "zod";
import { parsePort, portSchema, sizeOf } from "../../nftables/ports";
import { addressProblem, addressSchema, subnet6Schema, subnetSchema } from "../../systemd/subnet";

/** A network's name. With `vz-` in front it names an interface, which has 15 characters at most. */
export const networkName = z.string("a network's name is text").superRefine((name, context) => {
  if (/^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/.test(name)) return;
  const rule = 'is not the name of a network: up to 12 lower-case letters, digits and inner hyphens, as in "dev"';
  context.addIssue({ code: "custom", message: `${JSON.stringify(name)} ${rule}.` });
});

/**
 * The name servers that machines use. `host`: the servers that the host itself uses. `stub`: the host's own
 * systemd-resolved, on the gateway's address. Or a list of servers.
 */
export const dnsSchema = z.union(
  [z.enum(["host", "stub"]), z.array(z.union([z.ipv4(), z.ipv6()], "is not the address of a name server"))],
  'write "host", "stub", or a list of addresses of name servers',
);

/** A missing output, with all that depends on it, is unknown in every preview. So there is a word for no IPv6. */
export const optionalSubnet6 = subnet6Schema.default("none");

/** The IPv6 subnet of a network, if it has one. */
export function subnet6Of({ subnet6 }: { readonly subnet6: string }): string | undefined {
  return subnet6 === "none" ? undefined : subnet6;
}

/** What a `VethNetwork` passes to a machine. */
export const vethSpec = z.strictObject({
  veth: z
    .strictObject({
      host: z.string(),
      id: z.string(),
      network: networkName,
      mode: z.enum(["isolated", "zone"]),
      subnet: subnetSchema,
      subnet6: optionalSubnet6,
      dhcp: z.boolean(),
      dns: dnsSchema,
      /** Whether machines in one zone cannot reach each other. */
      apart: z.boolean(),
      address: addressSchema.optional(),
      ports: z.array(portSchema).default([]),
    })
    .superRefine(({ subnet, address }, context) => {
      // This runs also if one of the two was refused.
      const known = subnetSchema.safeParse(subnet).success && addressSchema.safeParse(address).success;
      const problem = address === undefined || !known ? undefined : addressProblem(subnet, address);
      if (problem === undefined) return;
      context.addIssue({ code: "custom", path: ["address"], message: `${JSON.stringify(address)} ${problem}.` });
    }),
});
export type VethSpec = z.infer<typeof vethSpec>;
export type VethAttachment = VethSpec["veth"];

/** What only one machine of a host may have: an address, and ports of the host, each listed separately. */
export function vethUniqueKeys({ network, address, ports }: VethAttachment): string[] {
  return [
    ...(address === undefined ? [] : [`the address "${address}" in the network "${network}"`]),
    ...ports.map(parsePort).flatMap((port) =>
      Array.from({ length: sizeOf(port.host) }, (_, index) => {
        const at = port.address === undefined ? "" : ` at ${port.address}`;
        return `the port ${port.host.first + index}/${port.protocol}${at}`;
      }),
    ),
  ];
}
