import { explainEarlyEnd } from "../../host/jobs/ended-early";
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
  const early = explainEarlyEnd(result, "starts it again");
  if (early !== undefined) return new HostError({ ...context, ...early });
  return new HostError({ ...context, ...explainBuildLog(inputs, result.log, result.unit) });
}
