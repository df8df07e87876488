import type { Log } from "../../scripts/tools/log";
import { emptyHost } from "./model";
import { shortest } from "./shrink";
import type { Step } from "./step";

/** Runs steps from fresh hosts, and returns the problems of the first that fails. */
export type Replay = (steps: readonly Step[]) => Promise<readonly string[]>;

/** More take longer than anybody waits. */
const MOST_TRIES = 60;

/** A sequence of steps whose last one failed, and how. */
export interface Failure {
  readonly steps: readonly Step[];
  readonly problems: readonly string[];
}

/** The shortest sequence found that ends with the same kind of failure: with fewer steps, then on fewer hosts. */
export async function shrinkSteps(
  { steps, problems }: Failure,
  replay: Replay,
  deadline: number,
  log: Log,
): Promise<readonly Step[]> {
  let tries = 0;
  const mayTry = () => tries < MOST_TRIES && Date.now() < deadline;
  const fails = async (tried: readonly Step[]): Promise<boolean> => {
    tries += 1;
    const isSame = isSameKind(problems, await replay(tried));
    log(`  try ${tries}: ${tried.length} of ${steps.length} steps ${isSame ? "fail too" : "do not fail that way"}`);
    return isSame;
  };
  const last = steps.slice(-1);
  const fewer = await shortest(steps.slice(0, -1), (before) => fails([...before, ...last]), mayTry);
  return onFewerHosts([...fewer, ...last], fails, mayTry);
}

/** Empties one host after another, if the rest still fails. */
async function onFewerHosts(
  steps: readonly Step[],
  fails: (steps: readonly Step[]) => Promise<boolean>,
  mayTry: () => boolean,
): Promise<readonly Step[]> {
  let left = steps;
  for (const host of hostsIn(steps)) {
    const without = left.map((step) => withoutHost(step, host));
    if (mayTry() && (await fails(without))) left = without;
  }
  return left;
}

function hostsIn(steps: readonly Step[]): number[] {
  return [...(steps.find(({ model }) => model !== undefined)?.model ?? []).keys()];
}

/** The same step if nothing was ever on one host, and nothing happened to it. */
function withoutHost({ model, replace, fault, reboot }: Step, host: number): Step {
  return {
    ...(model !== undefined && { model: model.map((one, index) => (index === host ? emptyHost() : one)) }),
    ...(replace !== undefined && replace.host !== host && { replace }),
    ...(fault !== undefined && fault.host !== host && { fault }),
    ...(reboot !== undefined && reboot !== host && { reboot }),
  };
}

/** Whether two lists of problems have a kind in common: the words before the colon, without the host. */
function isSameKind(one: readonly string[], other: readonly string[]): boolean {
  const kinds = new Set(one.map(kindOf));
  return other.some((problem) => kinds.has(kindOf(problem)));
}

function kindOf(problem: string): string {
  return problem.replace(/^h\d+ /, "").split(":")[0] ?? "";
}
