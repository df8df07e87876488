import type { JobResult } from "../../host/jobs/transient-unit";
import { HostError, type HostErrorParts } from "../../remote";
import { explainBuildLog } from "./build-log";
import type { RootfsInputs } from "./rootfs-inputs";

/** The error of work that failed in its unit, explained by its log. */
export function explainFailedJob(
  inputs: RootfsInputs,
  context: Pick<HostErrorParts, "attempted" | "host">,
  result: Extract<JobResult, { ok: false }>,
): HostError {
  if (result.cancelled) {
    return new HostError({ ...context, happened: "it was stopped", advice: "The next `pulumi up` starts it again." });
  }
  return new HostError({ ...context, ...explainBuildLog(inputs, result.log, result.unit) });
}
