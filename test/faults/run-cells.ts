import { duration, type Log } from "../../scripts/tools/log";
import { type Cell, idOf } from "./cell";
import { disposing } from "./disposing";
import { Ground } from "./ground";
import { end } from "./operations";
import { programOf } from "./programs";
import { type Reference, referenceOf } from "./reference";
import type { Result } from "./result";
import { type Ran, runCell } from "./run-cell";
import { failuresOf } from "./verdict";

/** Runs cells one after another on one host; `done` gets each result as soon as it is there. */
export async function runCells(
  cells: readonly Cell[],
  seed: string,
  log: Log,
  done: (result: Result) => Promise<void> | void,
): Promise<void> {
  if (cells.length === 0) return;
  const ground = await Ground.make([...new Set(cells.map(({ program }) => programOf(program)))]);
  await disposing(ground, async (isInterrupted) => {
    let current: string | undefined;
    const references = new Map<string, Reference | Broken>();
    for (const [index, cell] of cells.entries()) {
      if (current !== undefined && current !== cell.program) await end(ground, programOf(current));
      current = cell.program;
      const key = `${cell.program} ${cell.operation}`;
      const reference = references.get(key) ?? (await tryReference(ground, cell));
      references.set(key, reference);
      if (isInterrupted()) break;
      const result = "broken" in reference ? notRun(cell, reference) : await runCell(ground, cell, reference);
      // It was ended by the interruption, and says nothing.
      if (isInterrupted()) break;
      log(`${index + 1}/${cells.length} ${summaryOf(result)}`);
      await done({ ...result, seed });
    }
  });
}

/** Why an operation cannot be compared with itself: it fails without a fault. */
interface Broken {
  readonly broken: string;
}

/** A program that does not work keeps only its own cells from being run. */
async function tryReference(ground: Ground, { program, operation }: Cell): Promise<Reference | Broken> {
  try {
    return await referenceOf(ground, programOf(program), operation);
  } catch (error) {
    return { broken: error instanceof Error ? error.message : String(error) };
  }
}

function notRun(cell: Cell, { broken }: Broken): Ran {
  return { id: idOf(cell), cell, steps: 0, seconds: 0, commands: [], broken };
}

function summaryOf({ id, step, steps, seconds, skipped, broken, verdict }: Ran): string {
  const where = `${id} (step ${step ?? 0} of ${steps}, ${duration(seconds * 1000)})`;
  if (skipped !== undefined) return `${where}: left out, ${skipped}`;
  if (broken !== undefined) return `${where}: could not be run: ${broken}`;
  const failures = verdict === undefined ? [] : failuresOf(verdict);
  return failures.length === 0 ? `${where}: good` : `${where}:\n  ${failures.join("\n  ")}`;
}
