import type { Log } from "../../scripts/tools/log";
import type { Results } from "./results";
import { replay } from "./run-sequence";
import { type Failure, type Replay, shrinkSteps } from "./shrink-steps";
import type { Sequence } from "./step";
import type { StepRunner } from "./step-runner";

/** Looks for the shortest sequence of each failure until the time is over; keeps and returns what it finds. */
export async function shrinkFailures(
  runner: StepRunner,
  failures: readonly Failure[],
  deadline: number,
  results: Results,
  log: Log,
): Promise<Sequence[]> {
  const nothing = () => undefined;
  const again: Replay = (steps) => replay(runner, steps, nothing, nothing);
  const found: Sequence[] = [];
  for (const [index, failure] of failures.entries()) {
    if (Date.now() >= deadline) break;
    log(`looking for the shortest sequence of failure ${index + 1}`);
    const steps = [...(await shrinkSteps(failure, again, deadline, log))];
    const sequence = { hosts: runner.hosts, steps };
    const file = await results.keep(sequence, `shortest-${index + 1}`);
    log(`${steps.length} of ${failure.steps.length} steps; again: npm run soak -- --replay ${file}`);
    found.push(sequence);
  }
  return found;
}
