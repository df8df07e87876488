import { z } from "zod";
import { effect } from "../../dynamic";
import { machineName } from "../../systemd/names";
import { hostInputs } from "../on-host";
import { timeoutsSchema } from "../timeouts";
import { adoptedSchema } from "./adopted-file";
import * as boot from "./inputs/boot";
import * as capabilities from "./inputs/capabilities";
import * as devices from "./inputs/devices";
import * as environment from "./inputs/environment";
import * as ephemeral from "./inputs/ephemeral";
import * as hostname from "./inputs/hostname";
import * as limits from "./inputs/limits";
import * as mounts from "./inputs/mounts";
import * as nesting from "./inputs/nesting";
import * as networks from "./inputs/networks";
import * as order from "./inputs/order";
import * as privateUsers from "./inputs/private-users";
import * as restart from "./inputs/restart";
import * as secrets from "./inputs/secrets";
import * as settings from "./inputs/settings";
import * as startTime from "./inputs/start-time";
import * as timezone from "./inputs/timezone";
import * as watchdog from "./inputs/watchdog";
import type { MachineOutputs } from "./machine-outputs";
import { type InputsOf, inputsOf, type Section } from "./section";

const ADOPT = "is true, false, or { without } with lines of its .nspawn file";
const adoptWithout = z.strictObject({ without: z.array(z.string()) });

/** Inputs that are in no file of the machine: its identity, and what the handler itself reads. */
const own = {
  ...hostInputs,
  name: effect("replace", machineName),
  rootName: effect("replace", machineName),
  rootfs: effect("restart", z.string()),
  /** Whether it should be running. @default true */
  running: effect("live", z.boolean().default(true)),
  /** Whether it starts with the host. @default true */
  autostart: effect("live", z.boolean().default(true)),
  /** When it counts as ready: its unit is active, its system is up, or its link has an address. @default "networked" */
  waitFor: effect("state", z.enum(["started", "booted", "networked"]).default("networked")),
  /** @default create and update 300, delete 180, read 120 seconds */
  timeouts: effect("state", timeoutsSchema({ create: 300, update: 300, delete: 180, read: 120 })),
  /**
   * Takes over a machine of this name that another resource or a person created; with `{ without }` but for lines of its
   * `.nspawn` file, each as `Key=Value`, or `Key` for all of its lines: `{ without: ["KillSignal=SIGUSR2 # stop"] }`.
   * @default false
   */
  adopt: effect("state", z.union([z.boolean(), adoptWithout], ADOPT).default(false)),
  adopted: effect("restart", adoptedSchema.optional()),
};

/** In the order of their entries in the files. */
const all = [
  boot,
  hostname,
  startTime,
  ephemeral,
  environment,
  timezone,
  privateUsers,
  capabilities,
  nesting,
  devices,
  mounts,
  networks,
  settings,
  limits,
  secrets,
  restart,
  watchdog,
  order,
] as const;

/** The schemas of all inputs, with their docstrings. */
export type MachineShape = InputsOf<(typeof all)[number]> & typeof own;

export const machineInputs = z.object({ ...own, ...inputsOf(all) });
export type MachineInputs = z.infer<typeof machineInputs>;
export type MachineState = MachineInputs & MachineOutputs;

/** The generation in the ID of a root, `NAME@GENERATION`. */
export function generationOf(rootfs: string): string {
  return rootfs.includes("@") ? rootfs.slice(rootfs.lastIndexOf("@") + 1) : "";
}

/** Each reads only the machine's own inputs. */
export const SECTIONS: readonly Section<MachineInputs>[] = all;
