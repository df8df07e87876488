import { z } from "zod";

/** What only the host knows of a machine. */
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
  /** By network: the address that the host gave it there. */
  leases: z.record(z.string(), z.string()).optional(),
  /** The name servers of the host when its links were set up. */
  nameservers: z.array(z.string()).optional(),
  drift: z.record(z.string(), z.string()).optional(),
});
export type MachineOutputs = z.infer<typeof machineOutputs>;

/** What the host gave a machine; it is kept, so that its files stay the same. */
export type Granted = Pick<MachineOutputs, "leases" | "nameservers">;
