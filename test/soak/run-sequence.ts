import type { Log } from "../../scripts/tools/log";
import type { Outcome } from "./run-step";
import type { Step } from "./step";
import type { StepRunner } from "./step-runner";
import { endOf, summaryOf } from "./summary";

/** A step as it ran. */
export interface Ran extends Outcome {
  readonly summary: string;
  readonly seconds: number;
}

/** Gets each step as soon as it has ended. */
export type Done = (step: Step, ran: Ran) => Promise<void> | void;

/** Runs steps from fresh hosts until one of them fails; returns its problems. */
export async function replay(
  runner: StepRunner,
  steps: readonly Step[],
  log: Log,
  done: Done,
): Promise<readonly string[]> {
  await runner.reset();
  for (const [index, step] of steps.entries()) {
    const ran = await logged(runner, step, (line) => log(`${index + 1}/${steps.length} ${line}`));
    await done(step, ran);
    if (ran.problems.length > 0) return ran.problems;
  }
  return [];
}

/** Runs a step and logs it in a line. */
export async function logged(runner: StepRunner, step: Step, log: Log): Promise<Ran> {
  const started = Date.now();
  const summary = summaryOf(step, runner.model);
  const outcome = await runner.run(step);
  const milliseconds = Date.now() - started;
  log(`${summary}: ${endOf(outcome, milliseconds)}`);
  return { ...outcome, summary, seconds: milliseconds / 1000 };
}
