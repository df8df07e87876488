import { z } from "zod";
import { type Cell, healings, moments, operations } from "./cell";
import type { Verdict } from "./verdict";

/** One command of the CLI in a cell. */
const commandSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  seconds: z.number(),
  /** Kept where something is wrong. */
  text: z.string().optional(),
});

const cellSchema = z.object({
  program: z.string(),
  operation: z.enum(operations),
  fault: z.string(),
  place: z.number(),
  moment: z.enum(moments),
  healing: z.enum(healings),
});

const resultSchema = z.object({
  seed: z.string(),
  id: z.string(),
  cell: cellSchema,
  /** The step, of how many; absent if the cell was left out. */
  step: z.number().optional(),
  steps: z.number(),
  seconds: z.number(),
  /** Why there was nothing to do. */
  skipped: z.string().optional(),
  /** What kept the matrix itself from running it. */
  broken: z.string().optional(),
  commands: z.array(commandSchema),
  /** What the run under the fault ended with, as a user saw it. */
  said: z.string().optional(),
  verdict: z
    .object({
      hangs: z.array(z.string()),
      unconverged: z.array(z.string()),
      unclear: z.array(z.string()),
      lost: z.array(z.string()),
      orphans: z.array(z.string()),
      missing: z.array(z.string()),
    })
    .optional(),
});

export type Command = z.infer<typeof commandSchema>;

/** A cell that ran, or that had a reason not to, as it is kept in a file. */
export interface Result extends z.infer<typeof resultSchema> {
  readonly cell: Cell;
  readonly verdict?: z.infer<typeof resultSchema>["verdict"] & Verdict;
}

export const resultsSchema = z.object({
  excluded: z.array(
    z.object({ program: z.string(), operation: z.enum(operations), fault: z.string(), reason: z.string() }),
  ),
  results: z.array(resultSchema),
});

/** What a part of a run leaves in its file. */
export type Results = z.infer<typeof resultsSchema>;
