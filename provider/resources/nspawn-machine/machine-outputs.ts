import { z } from "zod";

/** Outputs that only the host knows. */
export const machineOutputs = z.object({
  owner: z.string(),
  machineId: z.string().optional(),
  unit: z.string(),
  state: z.string().optional(),
  address: z.string().optional(),
  addresses: z.array(z.string()).optional(),
  interface: z.string().optional(),
  bootId: z.string().optional(),
  leader: z.number().optional(),
  /** By network: the address that the host assigned there. */
  leases: z.record(z.string(), z.string()).optional(),
  /** The host's name servers when the machine's links were set up. */
  nameservers: z.array(z.string()).optional(),
  drift: z.record(z.string(), z.string()).optional(),
});
export type MachineOutputs = z.infer<typeof machineOutputs>;

/** What the host assigned to a machine. It is kept, so that the machine's files stay the same. */
export type Allocation = Pick<MachineOutputs, "leases" | "nameservers">;
