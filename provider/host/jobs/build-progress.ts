import type { Answer } from "../../remote";

/** A line that is answered as `heartbeat`: if it arrives, everything on its way works. */
export const HEARTBEAT = "pulumi-nspawn-heartbeat";

/** A progress answer as shown in a resource's row: `unpacking 45 of 134 packages`. */
export function describeProgress(answer: Answer): string | undefined {
  if (answer.key !== "progress") return undefined;
  const [phase = "", done = "0", total = "0"] = answer.values;
  if (done === "0") return phase;
  return Number(total) >= Number(done) ? `${phase} ${done} of ${total} packages` : `${phase} package ${done}`;
}
