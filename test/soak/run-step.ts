import type { Ended } from "../faults/cli-run";
import { faultOf } from "../faults/faults";
import { type Faulted, runWithFault } from "../faults/inject";
import { sawNothingNew } from "../faults/verdict";
import { commandsOf, REFRESH, SECOND_UP } from "./commands";
import type { Step, StepFault } from "./step";
import { type Command, Transcript } from "./transcript";
import type { World } from "./world";

/** How a step ended. */
export interface Outcome {
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
  readonly commands: readonly Command[];
  /** The run had ended before its fault could happen where it was meant to. */
  readonly tooLate: boolean;
}

/** More than any timeout of the program, several times over: the hosts share two processors. */
const DEADLINE_MS = 900_000;

/** Runs one step, and checks what it leads to. */
export async function runStep(world: World, step: Step): Promise<Outcome> {
  const transcript = new Transcript();
  const { first, healing } = commandsOf(step, world.model);
  if (step.reboot !== undefined) await world.siteOf(step.reboot).host.reboot();
  world.enter(step);
  const faulted = step.fault === undefined ? undefined : await underFault(world, step.fault, first);
  if (faulted?.happened === true) transcript.note(`${first.join(" ")} under ${step.fault?.name}`, faulted.ended);
  else transcript.must(first.join(" "), faulted?.ended ?? (await run(world, first)));
  if (healing !== undefined) transcript.must(healing.join(" "), await run(world, healing));
  if (transcript.problems.length === 0 && step.model !== undefined) await expectNoChanges(world, transcript);
  const problems = [...transcript.problems, ...(await world.problems())];
  if (problems.length === 0) await world.plant();
  return { problems, commands: transcript.commands, tooLate: faulted?.isInPlace === false };
}

/** State, program and hosts agree. */
async function expectNoChanges(world: World, transcript: Transcript): Promise<void> {
  transcript.must("a second up", await run(world, SECOND_UP));
  const refreshed = await run(world, REFRESH);
  transcript.must("a refresh", refreshed, sawNothingNew(refreshed));
}

function run(world: World, args: readonly string[]): Promise<Ended> {
  return world.start(args).ended(DEADLINE_MS);
}

interface UnderFault extends Faulted {
  /** The run may have ended before. */
  readonly happened: boolean;
}

async function underFault(world: World, chosen: StepFault, args: readonly string[]): Promise<UnderFault> {
  const site = world.siteOf(chosen.host);
  const fault = faultOf(chosen.name);
  const { script, moment, milliseconds, machine } = chosen;
  await site.gate.arm(script);
  const run = world.start(args);
  const injection = { site, fault, step: script, moment, milliseconds, deadlineMs: DEADLINE_MS };
  const faulted = await runWithFault(injection, { ground: site, run, machine });
  if (faulted === undefined) return { ended: await run.ended(DEADLINE_MS), isInPlace: false, happened: false };
  if (fault.leavesLock) await world.stack.cancel();
  return { ...faulted, happened: true };
}
