import { has, hostOf, urnPattern } from "./model";
import type { Model } from "./programs/schema";
import type { Step } from "./step";

const UP = ["up", "--yes", "--skip-preview"];
const DESTROY = ["destroy", "--yes", "--skip-preview"];
const UNCHANGED = "--expect-no-changes";

/** What must say that there is nothing to do, once a step has converged. */
export const SECOND_UP: readonly string[] = [...UP, UNCHANGED];
export const REFRESH: readonly string[] = ["refresh", "--yes", "--skip-preview", UNCHANGED, "--diff"];

/** The commands of a step. */
export interface Commands {
  /** The one that the fault, if any, happens to. Without a fault it must succeed. */
  readonly first: readonly string[];
  /** The plain one that must put everything right after a fault or a forced replacement. */
  readonly healing?: readonly string[];
}

export function commandsOf(step: Step, before: Model): Commands {
  const { model, replace, fault } = step;
  if (model === undefined) return { first: DESTROY, ...(fault !== undefined && { healing: DESTROY }) };
  const refreshed = [...UP, ...(needsRefresh(before, step) ? ["--refresh"] : [])];
  // A step before it may have been left out, and with it the resource.
  const isReplaced = replace !== undefined && has(before, replace) && has(model, replace);
  if (fault === undefined && !isReplaced) return { first: refreshed };
  return { first: [...UP, ...(isReplaced ? ["--replace", urnPattern(replace)] : [])], healing: refreshed };
}

/** Faults after which a machine may not run as state says. */
const STOPPING: readonly string[] = ["power", "machinectl"];

/**
 * Whether only a refresh can see what a reboot or a person did: a machine that runs does not start with its host, or
 * one that does not run does.
 */
function needsRefresh(before: Model, { model, fault, reboot }: Step): boolean {
  if (fault?.name === "machinectl") return true;
  const hosts = [reboot, fault !== undefined && STOPPING.includes(fault.name) ? fault.host : undefined];
  return hosts.some(
    (host) =>
      host !== undefined &&
      [before, model].some((one) =>
        Object.values(hostOf(one, host).machines).some(({ running, autostart }) => running !== autostart),
      ),
  );
}
