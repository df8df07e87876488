import type { WorkResult } from "../../host/long-work/transient-unit";
import { HostError, type HostErrorParts } from "../../remote";
import { explainBuildLog } from "./build-log";
import type { RootfsInputs } from "./rootfs-inputs";

/** The error of work that failed in its unit, explained by its log. */
export function explainWork(
  inputs: RootfsInputs,
  place: Pick<HostErrorParts, "attempted" | "host">,
  result: Extract<WorkResult, { ok: false }>,
): HostError {
  if (result.cancelled) {
    return new HostError({ ...place, happened: "it was stopped", advice: "The next `pulumi up` starts it again." });
  }
  return new HostError({ ...place, ...explainBuildLog(inputs, result.log, result.unit) });
}
