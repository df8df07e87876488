import type { Difference } from "./census";
import type { Ended } from "./cli-run";
import type { Fault } from "./faults/fault";

/** What the outcome of one cell is worth. All lists are empty if nothing is wrong. */
export interface Verdict extends Difference {
  /** The commands that did not end by themselves. */
  readonly hangs: readonly string[];
  /** What kept the stack from its wanted state. */
  readonly unconverged: readonly string[];
  /** What the error under the fault left open: `where`, `what to do`. */
  readonly unclear: readonly string[];
}

export function isGood(verdict: Verdict): boolean {
  return failuresOf(verdict).length === 0;
}

/** Everything that is wrong, a line each. */
export function failuresOf({ hangs, unconverged, unclear, lost, orphans, missing }: Verdict): string[] {
  return [
    ...hangs.map((line) => `hangs: ${line}`),
    ...unconverged.map((line) => `not converged: ${line}`),
    ...lost.map((line) => `lost: ${line}`),
    ...missing.map((line) => `missing: ${line}`),
    ...orphans.map((line) => `orphan: ${line}`),
    ...unclear.map((line) => `unclear: ${line}`),
  ];
}

/** What a person can do: a verb of a command, or a command of the host. */
const ADVICE =
  /\b(Run|run|Check|check|Install|Free|Wait|Look|See|see|Start|Set|Put|Remove|Try|try|Use|Fix|Give|Make|Let|Stop|Raise|Add|End|Unmount)\b|`[^`]+`|\b(journalctl|systemctl|machinectl|pulumi) /;

/**
 * What a failed run did not say. A run whose processes were killed, or that was interrupted, owes no explanation, and
 * neither does one that succeeded.
 */
export function unclearIn({ ok, text }: Ended, fault: Fault, where: string): string[] {
  if (ok || fault.silences) return [];
  const said = saidIn(text);
  if (!/\berror: /.test(said)) return ["there is no error"];
  return [...(said.includes(where) ? [] : ["where"]), ...(ADVICE.test(said) ? [] : ["what to do"])];
}

/** The end of a run's output, from its first error on. */
export function saidIn(text: string): string {
  const lines = text.split("\n").filter((line) => !/^\s*$/.test(line));
  const diagnostics = lines.findLastIndex((line) => /Diagnostics:/.test(line));
  const error = lines.findIndex((line) => /\berror: /.test(line));
  return lines.slice(Math.max(0, diagnostics < 0 ? error : diagnostics)).join("\n");
}

/** Outputs that differ after each start of a machine, which needs no `up`. */
const RUNNING = /^\s*[~+-] (bootId|leader)\s*:/;

/** The lines of changes in the output of a refresh, except those that only say that a machine was started again. */
export function changesIn(text: string): string[] {
  return text.split("\n").filter((line) => /^\s+[~+-] \w+\s*:/.test(line) && !RUNNING.test(line));
}

/** Whether a refresh that expected no changes saw none, or only that a machine was started again. */
export function sawNothingNew({ ok, text, hung }: Ended): boolean {
  if (ok || hung) return ok;
  return /no changes were expected|expected no changes/i.test(text) && changesIn(text).length === 0;
}
