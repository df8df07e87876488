import type { Log } from "../../scripts/tools/log";
import { Dice } from "./dice";
import { placesIn } from "./model";
import { nextStep } from "./next-step";
import type { Results } from "./results";
import { logged } from "./run-sequence";
import type { Failure } from "./shrink-steps";
import type { Step } from "./step";
import type { StepRunner } from "./step-runner";

/** How long to run, and what chooses the steps. */
export interface SoakOptions {
  readonly seed: string;
  /** When no step begins any more, but the one that destroys everything. */
  readonly deadline: number;
  readonly isInterrupted: () => boolean;
}

/** Runs random steps until the time is over. A step that fails ends its sequence; fresh hosts begin the next one. */
export async function soak(
  runner: StepRunner,
  { seed, deadline, isInterrupted }: SoakOptions,
  results: Results,
  log: Log,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const isOver = () => Date.now() >= deadline;
  let steps: Step[] = [];
  for (let number = 1; !isOver() || placesIn(runner.model).length > 0; number += 1) {
    const step = isOver() ? {} : nextStep(runner.model, new Dice(`${seed}/${number}`));
    const ran = await logged(runner, step, (line) => log(`${number} ${line}`));
    // It was ended by the interruption, and says nothing.
    if (isInterrupted()) break;
    await results.add(step, ran);
    steps.push(step);
    if (ran.problems.length === 0) continue;
    failures.push({ steps, problems: ran.problems });
    log(`its steps: ${await results.keep({ hosts: runner.hosts, steps }, `failure-${failures.length}`)}`);
    steps = [];
    await runner.reset();
  }
  return failures;
}
