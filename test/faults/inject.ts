import { setTimeout as pause } from "node:timers/promises";
import type { Moment } from "./cell";
import type { Ended } from "./cli-run";
import type { Fault, Scene } from "./faults/fault";
import type { Site } from "./site";

/** The script of a run around which a fault happens. */
export interface Injection {
  readonly site: Pick<Site, "gate" | "proxy">;
  readonly fault: Fault;
  readonly step: number;
  readonly moment: Moment;
  /** How long after the script began it happens, if it happens during it. */
  readonly milliseconds: number;
  /** How long the run may take. */
  readonly deadlineMs: number;
}

/** The run under a fault. */
export interface Faulted {
  readonly ended: Ended;
  /** Whether the fault happened where it was meant to: a script may not end before a fault that comes after it. */
  readonly isInPlace: boolean;
}

/**
 * Waits until the run reaches the step, injects the fault there, and removes it when the run has ended. The gate is
 * armed for the step. `undefined`: the run has ended before, and nothing happened.
 */
export async function runWithFault(injection: Injection, scene: Scene): Promise<Faulted | undefined> {
  const { gate } = injection.site;
  const { run } = scene;
  try {
    if (!(await gate.reaches(injection.step, "begun", () => run.hasEnded))) return undefined;
    try {
      const isInPlace = await injectAt(injection, scene);
      return { ended: await run.ended(injection.deadlineMs), isInPlace };
    } finally {
      await injection.fault.heal?.(scene);
    }
  } finally {
    await gate.disarm();
  }
}

async function injectAt({ site, fault, step, moment, milliseconds }: Injection, scene: Scene): Promise<boolean> {
  const { gate, proxy } = site;
  switch (moment) {
    case "before":
      await fault.inject(scene);
      await gate.release(step, fault.held);
      return true;
    case "during":
      await gate.release(step, "run");
      await pause(milliseconds);
      await fault.inject(scene);
      return true;
    case "after": {
      proxy.stall("answers");
      await gate.release(step, "run");
      const ended = await gate.reaches(step, "ended", () => scene.run.hasEnded);
      await fault.inject(scene);
      // A stalled network would let everything through again.
      if (fault.name !== "stall" && fault.name !== "cut" && fault.name !== "cut-5s") proxy.resume();
      return ended;
    }
  }
}
