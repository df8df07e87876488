import { z } from "zod";
import { collide, parsePort, portSchema } from "../../nftables/ports";
import { addressProblem, addressSchema, subnet6Schema, subnetSchema } from "../../systemd/subnet";

/** A network's name: `vz-` and it together are an interface's name, which has 15 characters at most. */
export const networkName = z
  .string("a network's name is text")
  .regex(
    /^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/,
    'is not a name of a network: up to 12 lower-case letters, digits and inner hyphens, as in "dev"',
  );

/**
 * Where machines ask for names. `host`: the servers that the host itself uses. `stub`: the host's own systemd-resolved, on the
 * gateway's address. Or these servers.
 */
export const dnsSchema = z.union(
  [z.enum(["host", "stub"]), z.array(z.union([z.ipv4(), z.ipv6()], "is not an address of a name server"))],
  'write "host", "stub", or a list of addresses of name servers',
);

/** A machine's ports; two of one machine may not be the same. */
export const portsSchema = z.array(portSchema).superRefine((ports, context) => {
  const parsed = ports.map(parsePort);
  for (const [index, port] of parsed.entries()) {
    const other = parsed.slice(0, index).findIndex((earlier) => collide(earlier, port));
    if (other < 0) continue;
    const message = `${JSON.stringify(ports[index])} has a port of the host that ${JSON.stringify(ports[other])} has too.`;
    context.addIssue({ code: "custom", path: [index], message });
  }
});

/** What a `VethNetwork` hands on to a machine. */
export const vethFragment = z.strictObject({
  veth: z
    .strictObject({
      host: z.string(),
      id: z.string(),
      network: networkName,
      mode: z.enum(["isolated", "zone"]),
      subnet: subnetSchema,
      subnet6: subnet6Schema.optional(),
      dhcp: z.boolean(),
      dns: dnsSchema,
      /** Whether machines of one zone do not reach each other. */
      apart: z.boolean(),
      address: addressSchema.optional(),
      ports: portsSchema.default([]),
    })
    .superRefine(({ subnet, address }, context) => {
      const problem = address === undefined ? undefined : addressProblem(subnet, address);
      if (problem === undefined) return;
      context.addIssue({ code: "custom", path: ["address"], message: `${JSON.stringify(address)} ${problem}.` });
    }),
});
export type VethFragment = z.infer<typeof vethFragment>;
export type VethAttachment = VethFragment["veth"];
