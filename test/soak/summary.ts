import { duration } from "../../scripts/tools/log";
import { changesBetween, hostOf, labelOf } from "./model";
import type { Model } from "./programs/schema";
import type { Outcome } from "./run-step";
import type { Step, StepFault } from "./step";

/** What a step does, in a line: `h1: +machine box1; cut at script 3 of h1, during`. */
export function summaryOf(step: Step, before: Model): string {
  const { model, replace, fault, reboot } = step;
  const changes = before.flatMap((host, index) => {
    const differences = changesBetween(host, hostOf(model, index));
    return differences.length === 0 ? [] : [`h${index + 1}: ${differences.join(" ")}`];
  });
  return [
    ...(reboot === undefined ? [] : [`reboot of h${reboot + 1}`]),
    ...(model === undefined ? ["destroy"] : changes.length > 0 ? changes : ["no change"]),
    ...(replace === undefined ? [] : [`--replace h${replace.host + 1} ${labelOf(replace)}`]),
    ...(fault === undefined ? [] : [faultText(fault)]),
  ].join("; ");
}

function faultText({ name, host, script, moment, machine }: StepFault): string {
  const whom = name === "machinectl" ? ` of ${machine}` : "";
  return `${name}${whom} at script ${script} of h${host + 1}, ${moment}`;
}

/** How a step ended, in a line, or several if it failed. */
export function endOf({ problems, tooLate }: Outcome, milliseconds: number): string {
  const late = tooLate ? ", the fault came too late" : "";
  if (problems.length === 0) return `good (${duration(milliseconds)}${late})`;
  return `FAILED (${duration(milliseconds)}${late})\n  ${problems.join("\n  ")}`;
}
