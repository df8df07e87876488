import { moments } from "../faults/cell";
import { faultOf } from "../faults/faults";
import type { Dice } from "./dice";
import { firstModel, nextModel } from "./generator";
import { changesBetween, emptyModel, has, hostOf, placesIn, serverOf } from "./model";
import type { Model } from "./programs/schema";
import type { Step, StepFault } from "./step";

/** The faults of the matrix that make sense at any moment of any run. */
export const soakFaults = [
  "cut",
  "cut-5s",
  "stall",
  "kill-provider",
  "kill-cli",
  "interrupt",
  "interrupt-twice",
  "power",
  "sshd-stopped",
  "disk-full",
  "dbus-stopped",
  "networkd-stopped",
  "machined-stopped",
  "machinectl",
] as const;

const LONGEST_MS = 2000;

/** A random step after a program. */
export function nextStep(before: Model, dice: Dice): Step {
  const step = withoutFault(before, dice);
  const fault = dice.chance(0.5) ? faultFor(step, before, dice) : undefined;
  return { ...step, ...(fault !== undefined && { fault }) };
}

function withoutFault(before: Model, dice: Dice): Step {
  if (placesIn(before).length === 0) return { model: firstModel(before.length, dice) };
  return dice.chance(0.06) ? {} : changingStep(before, dice);
}

function changingStep(before: Model, dice: Dice): Step {
  const model = nextModel(before, dice);
  const servers = before.map((_, host) => serverOf(host));
  const both = [...servers, ...placesIn(before).filter((place) => has(model, place))];
  const replace = dice.chance(0.15) ? dice.pick(both) : undefined;
  const reboot = dice.chance(0.08) ? dice.below(before.length) : undefined;
  return { model, ...(replace !== undefined && { replace }), ...(reboot !== undefined && { reboot }) };
}

/** A random fault on a host where the run has something to do, if there is one. */
function faultFor({ model, replace }: Step, before: Model, dice: Dice): StepFault | undefined {
  const after = model ?? emptyModel(before.length);
  const busy = before.flatMap((_, host) => {
    const changes = changesBetween(hostOf(before, host), hostOf(after, host)).length + (replace?.host === host ? 1 : 0);
    return changes > 0 ? [{ host, changes }] : [];
  });
  if (busy.length === 0) return undefined;
  const { host, changes } = dice.pick(busy);
  // A machine that a person starts although no program declares it is nothing that an `up` could know.
  const machines = Object.keys(hostOf(after, host).machines);
  const name = dice.pick(soakFaults.filter((fault) => fault !== "machinectl" || machines.length > 0));
  return {
    name,
    host,
    script: 1 + dice.below(1 + 2 * changes),
    moment: dice.pick(moments.filter((moment) => faultOf(name).moments.includes(moment))),
    milliseconds: dice.below(LONGEST_MS),
    machine: dice.maybe(machines) ?? machines[0] ?? "",
  };
}
