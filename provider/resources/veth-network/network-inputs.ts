import { z } from "zod";
import { effect } from "../../dynamic";
import { subnetSchema } from "../../systemd/subnet";
import { dnsSchema, networkName, optionalSubnet6 } from "../attachments/veth-spec";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";

export const networkInputs = z.object({
  ...hostInputs,
  name: effect("replace", networkName),
  subnet: effect("live", subnetSchema),
  subnet6: effect("live", optionalSubnet6),
  mode: effect("live", z.enum(["isolated", "zone"], 'write "isolated" or "zone"').default("isolated")),
  nat: effect("live", z.boolean("nat is true or false").default(true)),
  dhcp: effect("live", z.boolean("dhcp is true or false").default(false)),
  dns: effect("live", dnsSchema.default("host")),
  isolation: effect(
    "live",
    z.strictObject({ machines: z.boolean().default(false), host: z.boolean().default(false) }).prefault({}),
  ),
  timeouts: effect("state", timeoutsSchema({ create: 120, update: 120, delete: 120, read: 120 })),
  adopt: effect("state", z.boolean("adopt is true or false").default(false)),
});
export type NetworkInputs = z.infer<typeof networkInputs>;

export const networkOutputs = z.object({
  owner: z.string(),
  /** The host's machine-id(5). */
  machineId: z.string().optional(),
  drift: z.record(z.string(), z.string()).optional(),
});
export type NetworkOutputs = z.infer<typeof networkOutputs>;
export type NetworkState = NetworkInputs & NetworkOutputs;
