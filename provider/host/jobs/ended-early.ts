import type { Sentence } from "../sentence";
import type { JobResult } from "./transient-unit";

/**
 * What it means that a job was ended before its script could say how it went; `undefined` if the script failed. `next`
 * is what the next `pulumi up` does with it, as in "starts it again".
 */
export function explainEarlyEnd(result: Extract<JobResult, { ok: false }>, next: string): Sentence | undefined {
  const advice = `The next \`pulumi up\` ${next}.`;
  const details = undefined;
  if (result.cancelled) return { happened: "it was stopped", advice, details };
  if (result.rebooted) return { happened: "the host was rebooted meanwhile, or lost power", advice, details };
  switch (result.killed) {
    case undefined:
      return undefined;
    case "oom-kill":
      return {
        happened: "the host had no memory left, and its kernel killed it (oom-kill)",
        advice: `Free some memory, add swap, or let fewer operations run there at a time (\`parallel\` of the Host). ${advice}`,
        details,
      };
    case "timeout":
      return { happened: "it did not end within six hours, and was killed", advice, details };
    default:
      return {
        happened: `its unit ${result.unit} was killed on the host (${result.killed || "nothing is known about its end"})`,
        advice,
        details,
      };
  }
}
