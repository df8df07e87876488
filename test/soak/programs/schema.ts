import { z } from "zod";

/** The values of each input are few, so that a program soon has each of them, and its neighbours too. */
const network = z.object({
  subnet: z.string(),
  mode: z.enum(["isolated", "zone"]),
  nat: z.boolean(),
  dhcp: z.boolean(),
});

const rootfs = z.object({
  hostname: z.string().optional(),
  /** What `/etc/soak` in it says. */
  content: z.string(),
});

const mount = z.object({ source: z.string(), mode: z.string(), readOnly: z.boolean() });

const machine = z.object({
  root: z.string(),
  ephemeral: z.boolean(),
  running: z.boolean(),
  autostart: z.boolean(),
  memory: z.string().optional(),
  tasks: z.number().optional(),
  stage: z.string(),
  /** The networks that it is attached to, and the port of the host that each forwards, if any. */
  networks: z.record(z.string(), z.number().nullable()),
  mounts: z.array(z.string()),
});

const provision = z.object({ machine: z.string(), content: z.string(), step: z.string() });

const host = z.object({
  networks: z.record(z.string(), network),
  roots: z.record(z.string(), rootfs),
  mounts: z.record(z.string(), mount),
  machines: z.record(z.string(), machine),
  provisions: z.record(z.string(), provision),
});

export const modelSchema = z.array(host);

/** What a program declares on each host: its resources by their names, with their inputs. */
export type Model = z.infer<typeof modelSchema>;
export type HostModel = z.infer<typeof host>;
export type NetworkModel = z.infer<typeof network>;
export type RootModel = z.infer<typeof rootfs>;
export type MountModel = z.infer<typeof mount>;
export type MachineModel = z.infer<typeof machine>;
export type ProvisionModel = z.infer<typeof provision>;

/** What a run of the program gets: the model, and how each host is reached. */
export const dataSchema = z.object({ model: modelSchema, connections: z.array(z.record(z.string(), z.unknown())) });
