import type { Operation } from "./cell";
import type { CliRun, Ended } from "./cli-run";
import type { Ground } from "./ground";
import { type Program, type Version, versionAfter } from "./programs/program";
import { DEADLINE_MS } from "./stack";

const EMPTY = "empty";

/** Puts host and stack into the state in which an operation of a program begins. */
export async function begin(ground: Ground, program: Program, operation: Operation): Promise<void> {
  if (!ground.has(EMPTY)) await ground.save(EMPTY);
  if (operation === "create" && !program.grounded) {
    await ground.restore(EMPTY);
    return;
  }
  const version: Version = operation === "create" ? "ground" : "first";
  const name = `${program.name}-${version}`;
  if (!ground.has(name)) {
    await ground.restore(EMPTY);
    const made = await ground.stack.up(program, version);
    if (!made.ok) throw new Error(`${name} cannot be made:\n${made.text}`);
    if (version === "first") await ground.host.sh(program.keep);
    await ground.save(name);
    // What was saved has not seen a boot with these files; each cell has.
  }
  await ground.restore(name);
}

/** Removes what was saved for a program. */
export async function end(ground: Ground, program: Program): Promise<void> {
  for (const version of ["ground", "first"]) await ground.forget(`${program.name}-${version}`);
}

/** Starts the operation under test. */
export function start(ground: Ground, program: Program, operation: Operation): CliRun {
  const version = versionAfter(operation);
  const replaced = operation === "replace" && program.replaces !== undefined ? ["--replace", program.replaces] : [];
  const command = operation === "refresh" || operation === "destroy" ? operation : "up";
  // One resource at a time: then the steps of a run have the same order each time.
  return ground.stack.start([command, "--yes", "--skip-preview", "--parallel", "1", ...replaced], program, version);
}

export function finished(run: CliRun): Promise<Ended> {
  return run.ended(DEADLINE_MS);
}
