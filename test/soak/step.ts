import { z } from "zod";
import { moments } from "../faults/cell";
import { kinds } from "./model";
import { modelSchema } from "./programs/schema";

const place = z.object({ host: z.number(), kind: z.enum(["hosts", ...kinds]), name: z.string() });

const fault = z.object({
  name: z.string(),
  host: z.number(),
  /** The script of that host, from 1, around which it happens. */
  script: z.number(),
  moment: z.enum(moments),
  milliseconds: z.number(),
  /** Whom a person's command concerns. */
  machine: z.string(),
});

const stepSchema = z.object({
  /** What the program declares from then on; nothing, and everything is destroyed, if it is absent. */
  model: modelSchema.optional(),
  /** The resource that the CLI must replace (`--replace`). */
  replace: place.optional(),
  fault: fault.optional(),
  /** The host that is rebooted before. */
  reboot: z.number().optional(),
});

/** One step of a soak run. It does not depend on those before it, so that any of them can be left out. */
export type Step = z.infer<typeof stepSchema>;
export type StepFault = z.infer<typeof fault>;

/** What `--replay` reads. */
export const sequenceSchema = z.object({ hosts: z.number(), steps: z.array(stepSchema) });
export type Sequence = z.infer<typeof sequenceSchema>;
