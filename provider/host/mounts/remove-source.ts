import type { Script } from "../../remote";
import { exclusively } from "../exclusion";
import { sh } from "../sh";
import { LOCK_SECONDS, markerPath, type SourcePlan } from "./source-plan";

/**
 * Releases a source. A directory that was created is removed if it is empty, or with everything in it if that was asked
 * for; answers `kept` if it stays. Does nothing if the host has another owner's.
 */
export function removeSource({ path, claim, create }: SourcePlan, removeData: boolean): Script {
  const { owner, urn, stack } = claim;
  const marker = markerPath({ path, owner, create });
  // The same program may be run again after a destroy, and then has its directory again.
  const kept = JSON.stringify({ path, urn, stack, kept: "yes" }).slice(0, -1);
  const remove = create === undefined ? sh`:` : sh`source_remove ${[marker, path, removeData ? "full" : "empty"]}`;
  return exclusively(
    "sources",
    LOCK_SECONDS,
    sh`
if source_is_of ${marker} ${owner}; then
  ${remove}
  if [ ${create === undefined ? "no" : "yes"} = yes ] && [ -d ${path} ] && [ ! -L ${path} ]; then
    file_present ${marker} ${kept}",\"made\":\"$(marker_field ${marker} made)\"}" 0600 || :
  else source_forget ${marker}; fi
fi
`,
  );
}
