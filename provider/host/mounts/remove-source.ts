import type { Script } from "../../remote";
import { exclusively } from "../exclusion";
import { sh } from "../sh";
import { LOCK_SECONDS, markerPath, type SourceKey, type SourcePlan, writeMarker } from "./source-plan";

/**
 * Releases a source. A directory that was created is removed if it is empty, or with everything in it if that was asked
 * for; answers `kept` if it stays. Does nothing if the host has another owner's.
 */
export function removeSource(
  { path, claim, create }: Pick<SourcePlan, "path" | "claim"> & Pick<SourceKey, "create">,
  removeData: boolean,
): Script {
  const { owner, urn, stack } = claim;
  const marker = markerPath({ path, owner, create });
  // The same program may be run again after a destroy, and then has its directory again.
  const kept = JSON.stringify({ path, urn, stack, kept: "yes" });
  const forget = sh`source_forget ${marker}`;
  const remove = sh`
source_remove ${[marker, path, removeData ? "full" : "empty"]}
if [ -d ${path} ] && [ ! -L ${path} ]; then ${writeMarker(marker, kept, sh`$(marker_field ${marker} made)`)}; else ${forget}; fi
`;
  return exclusively(
    "sources",
    LOCK_SECONDS,
    sh`
if source_is_of ${marker} ${owner}; then
${create === undefined ? forget : remove}
fi
`,
  );
}
