import { z } from "zod";
import { effect } from "../../dynamic";
import { machineName } from "../../systemd/names";
import { nspawnSettings } from "../../systemd/nspawn-settings/schema";
import { nspawnWord } from "../../systemd/nspawn-words";
import { sizeSchema } from "../../systemd/size";
import { mountsEffect, mountsSchema } from "../fragments/mounts";
import { networksEffect, networksSchema } from "../fragments/networks";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";
import { adoptedSchema } from "./adopted";
import { capabilitiesSchema } from "./parts/capabilities";
import { devicesSchema } from "./parts/devices";
import { dependenciesSchema } from "./parts/order";
import { privateUsersSchema } from "./parts/private-users";
import { restartSchema, watchdogSchema } from "./parts/restart";
import { secretsSchema } from "./parts/secrets";

const weight = z.int().min(1).max(10_000);
const device = z
  .string()
  .regex(/^\/dev\/[A-Za-z0-9._/-]+$/, 'is not a device: write an absolute path as in "/dev/sda"');

/** Resource limits, each a property of systemd.resource-control(5). */
const limits = z.strictObject({
  memory: sizeSchema.optional(),
  memoryHigh: sizeSchema.optional(),
  swap: z.union([z.literal("none"), sizeSchema]).optional(),
  cpus: z.number().min(0.01).max(4096).optional(),
  cpuWeight: weight.optional(),
  tasks: z.int().min(1).optional(),
  io: z
    .strictObject({
      weight: weight.optional(),
      readBytesPerSecond: z.record(device, sizeSchema).optional(),
      writeBytesPerSecond: z.record(device, sizeSchema).optional(),
      readOperationsPerSecond: z.record(device, z.int().min(1)).optional(),
      writeOperationsPerSecond: z.record(device, z.int().min(1)).optional(),
    })
    .optional(),
});
export type MachineLimits = z.infer<typeof limits>;

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not a name of an environment variable: letters, digits and _");

/** hostname(7): labels of letters, digits and hyphens, 64 characters in all (systemd's HOST_NAME_MAX). */
const hostname = z
  .string()
  .regex(
    /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/,
    "is not a host name: up to 64 characters, labels of letters, digits and inner hyphens, joined by dots",
  );

export const machineInputs = z.object({
  ...hostInputs,
  name: effect("replace", machineName),
  rootName: effect("replace", machineName),
  rootfs: effect("restart", z.string()),
  networks: effect(networksEffect, networksSchema.optional()),
  mounts: effect(mountsEffect, mountsSchema.default([])),
  running: effect("live", z.boolean().default(true)),
  autostart: effect("live", z.boolean().default(true)),
  ephemeral: effect("restart", z.boolean().default(false)),
  hostname: effect("restart", hostname.optional()),
  environment: effect("restart", z.record(variable, nspawnWord).optional()),
  limits: effect("live", limits.optional()),
  privateUsers: effect("restart", privateUsersSchema.default(true)),
  devices: effect("restart", devicesSchema.default([])),
  secrets: effect("restart", secretsSchema.optional()),
  capabilities: effect("restart", capabilitiesSchema.default([])),
  nesting: effect("restart", z.boolean("nesting is true or false").default(false)),
  restart: effect("live", restartSchema.optional()),
  watchdog: effect("restart", watchdogSchema.optional()),
  after: effect("live", dependenciesSchema.default([])),
  wants: effect("live", dependenciesSchema.default([])),
  requires: effect("live", dependenciesSchema.default([])),
  settings: effect("restart", nspawnSettings.optional()),
  waitFor: effect("state", z.enum(["started", "booted", "networked"]).default("networked")),
  timeouts: effect("state", timeoutsSchema({ create: 300, update: 300, delete: 180, read: 120 })),
  adopt: effect("state", z.boolean().default(false)),
  adopted: effect("restart", adoptedSchema.optional()),
});
export type MachineInputs = z.infer<typeof machineInputs>;

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
export type MachineState = MachineInputs & MachineOutputs;

/** What the host gave a machine; it is kept, so that its files stay the same. */
export type Granted = Pick<MachineOutputs, "leases" | "nameservers">;
