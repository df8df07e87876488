import type { Healing, Operation } from "./cell";
import { takeCensus } from "./census";
import type { Ended } from "./cli-run";
import type { Ground } from "./ground";
import { begin, finished, start } from "./operations";
import { type Program, versionAfter } from "./programs/program";

/** The same operation, and what follows it, when nothing breaks. */
export interface Reference {
  /** How long each remote step took, in milliseconds. */
  readonly steps: readonly number[];
  /**
   * What the host has in the end. A `destroy` may follow a change that was made or one that was not: what it leaves,
   * such as a directory with a user's file, may then differ.
   */
  readonly ends: Readonly<Record<Healing, readonly (readonly string[])[]>>;
}

export async function referenceOf(ground: Ground, program: Program, operation: Operation): Promise<Reference> {
  await begin(ground, program, operation);
  await ground.gate.arm();
  expectOk(await finished(start(ground, program, operation)), program, operation);
  const steps = await ground.gate.durations();
  await ground.gate.disarm();
  const version = versionAfter(operation);
  expectOk(await ground.stack.up(program, version), program, operation);
  const up = await takeCensus(ground.host, program.facts);
  expectOk(await ground.stack.destroy(program, version), program, operation);
  const destroy = await takeCensus(ground.host, program.facts);
  return { steps, ends: { up: [up], destroy: [destroy, ...(await unchanged(ground, program, operation))] } };
}

/** What a `destroy` leaves if a change before it had no effect. */
async function unchanged(ground: Ground, program: Program, operation: Operation): Promise<string[][]> {
  if (operation !== "update" && operation !== "replace") return [];
  await begin(ground, program, operation);
  expectOk(await ground.stack.destroy(program, "first"), program, operation);
  return [await takeCensus(ground.host, program.facts)];
}

function expectOk({ ok, text }: Ended, program: Program, operation: Operation): void {
  if (!ok) throw new Error(`${operation} of ${program.name} fails without any fault:\n${text}`);
}
