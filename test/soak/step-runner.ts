import type { Model } from "./programs/schema";
import { type Outcome, runStep } from "./run-step";
import type { Step } from "./step";
import type { World } from "./world";

/** What runs steps one after another. */
export interface StepRunner {
  readonly hosts: number;
  /** What the program declared last. */
  readonly model: Model;
  run(step: Step): Promise<Outcome>;
  /** Begins again as if nothing had ever run. */
  reset(): Promise<void>;
}

export function runnerOn(world: World): StepRunner {
  return {
    hosts: world.sites.length,
    get model() {
      return world.model;
    },
    run: (step) => tryStep(world, step),
    reset: () => world.reset(),
  };
}

/** A step that cannot be run fails too: a host did not boot, for example. */
async function tryStep(world: World, step: Step): Promise<Outcome> {
  try {
    return await runStep(world, step);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { problems: [`could not be run: ${text}`], commands: [], tooLate: false };
  } finally {
    await world.recover();
  }
}
