import { setTimeout as pause } from "node:timers/promises";
import { type Cell, idOf, stepOf } from "./cell";
import { closest, type Difference, takeCensus } from "./census";
import type { Ended } from "./cli-run";
import { faultOf } from "./faults";
import type { Fault } from "./faults/fault";
import type { Ground } from "./ground";
import { runWithFault } from "./inject";
import { begin, finished, start } from "./operations";
import { programOf } from "./programs";
import { type Program, versionAfter } from "./programs/program";
import { fraction } from "./random";
import type { Reference } from "./reference";
import type { Command, Result } from "./result";
import { DEADLINE_MS } from "./stack";
import { failuresOf, saidIn, sawNothingNew, unclearIn, type Verdict } from "./verdict";

/** How long a host may take to come to rest once nothing is wrong any more: sessions close, units end. */
const REST_MS = 15_000;

/** A result, of whatever seed. */
export type Ran = Omit<Result, "seed">;

/** Runs one cell from what was saved, and judges it. */
export async function runCell(ground: Ground, cell: Cell, reference: Reference): Promise<Ran> {
  const started = Date.now();
  const steps = reference.steps.length;
  const common = { id: idOf(cell), cell, steps };
  const seconds = () => (Date.now() - started) / 1000;
  if (steps === 0) {
    return { ...common, seconds: 0, commands: [], skipped: "the operation has no remote step" };
  }
  const step = stepOf(cell, steps);
  const commands: Command[] = [];
  try {
    const program = programOf(cell.program);
    const fault = faultOf(cell.fault);
    await begin(ground, program, cell.operation);
    const faulted = await faultedRun(ground, cell, program, fault, step, reference.steps[step - 1] ?? 0);
    commands.push(commandOf(`${cell.operation} under the fault`, faulted));
    if (fault.leavesLock) await ground.stack.cli.cancel();
    const healed = await heal(ground, cell, program, commands);
    const difference = await atRest(ground, program, reference.ends[cell.healing]);
    const left = (await ground.stack.cli.leftProcesses()).length;
    const verdict: Verdict = {
      ...difference,
      orphans: [...difference.orphans, ...(left > 0 ? [`${left} processes of the provider or the CLI, here`] : [])],
      hangs: [...(faulted.hung ? [commands[0]?.name ?? ""] : []), ...healed.hangs],
      unconverged: healed.unconverged,
      unclear: unclearIn(faulted, fault, ground.proxy.address),
    };
    const isWrong = failuresOf(verdict).length > 0;
    const kept = isWrong ? commands : commands.map(({ text: _, ...command }) => command);
    return {
      ...common,
      step,
      seconds: seconds(),
      commands: kept,
      said: saidIn(faulted.text),
      verdict: copyOf(verdict),
    };
  } catch (error) {
    const broken = error instanceof Error ? error.message : String(error);
    return { ...common, step, seconds: seconds(), commands, broken };
  } finally {
    await ground.stack.cli.endProcesses();
    await ground.other.cli.endProcesses();
    ground.proxy.resume();
  }
}

/** Runs the operation, injects the fault at its place, and removes it when the run has ended. */
async function faultedRun(
  ground: Ground,
  cell: Cell,
  program: Program,
  fault: Fault,
  step: number,
  milliseconds: number,
): Promise<Ended> {
  await ground.gate.arm(step);
  const run = start(ground, program, cell.operation);
  const other = {
    up: () => ground.other.up(program, "first"),
    destroy: () => ground.other.destroy(program, "first"),
  };
  const injection = {
    site: ground,
    fault,
    step,
    moment: cell.moment,
    deadlineMs: DEADLINE_MS,
    milliseconds: milliseconds * fraction(idOf(cell), "during"),
  };
  const faulted = await runWithFault(injection, { ground, run, machine: "box", other });
  if (faulted === undefined) throw new Error(`the run ended before its step ${step}:\n${(await finished(run)).text}`);
  if (!faulted.isInPlace) throw new Error(`step ${step} did not end`);
  return faulted.ended;
}

interface Healed {
  readonly hangs: string[];
  readonly unconverged: string[];
}

/** What a user does then: one command, and nothing by hand. */
async function heal(ground: Ground, cell: Cell, program: Program, commands: Command[]): Promise<Healed> {
  const { stack } = ground;
  const version = versionAfter(cell.operation);
  const healed: Healed = { hangs: [], unconverged: [] };
  const must = async (name: string, run: Promise<Ended>, isFine = ({ ok }: Ended) => ok): Promise<boolean> => {
    const ended = await run;
    commands.push(commandOf(name, ended));
    if (ended.hung) healed.hangs.push(name);
    if (!isFine(ended)) healed.unconverged.push(name);
    return isFine(ended);
  };
  if (cell.healing === "destroy") {
    await must("destroy", stack.destroy(program, version));
    return healed;
  }
  if (!(await must("up", stack.up(program, version)))) return healed;
  await must("a second up", stack.up(program, version, "--expect-no-changes"));
  await must("a refresh", stack.refresh(program, version, "--expect-no-changes", "--diff"), sawNothingNew);
  return healed;
}

/** The difference to the reference once the host has come to rest; of several, to the most similar one. */
async function atRest(ground: Ground, program: Program, expected: readonly (readonly string[])[]): Promise<Difference> {
  const deadline = Date.now() + REST_MS;
  for (;;) {
    const difference = closest(expected, await takeCensus(ground.host, program.facts));
    const isEqual = Object.values(difference).every((lines) => lines.length === 0);
    if (isEqual || Date.now() > deadline) return difference;
    await pause(500);
  }
}

function commandOf(name: string, { ok, seconds, text }: Ended): Command {
  return { name, ok, seconds, text };
}

function copyOf(verdict: Verdict) {
  const { hangs, unconverged, unclear, lost, orphans, missing } = verdict;
  return {
    hangs: [...hangs],
    unconverged: [...unconverged],
    unclear: [...unclear],
    lost: [...lost],
    orphans: [...orphans],
    missing: [...missing],
  };
}
