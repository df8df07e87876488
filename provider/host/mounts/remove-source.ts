import type { Script } from "../../remote";
import { exclusively } from "../exclusion";
import { sh } from "../sh";
import { LOCK_SECONDS, markerPath, type SourcePlan } from "./source-plan";

/**
 * Releases a source. A directory that was created is removed if it is empty, or with everything in it if that was asked
 * for; answers `kept` if it stays. Does nothing if the host has another owner's.
 */
export function removeSource(source: Pick<SourcePlan, "path" | "owner" | "create">, removeData: boolean): Script {
  const { path, owner, create } = source;
  const marker = markerPath(source);
  const remove = create === undefined ? sh`:` : sh`source_remove ${[marker, path, removeData ? "full" : "empty"]}`;
  return exclusively(
    "sources",
    LOCK_SECONDS,
    sh`
if source_is_of ${marker} ${owner}; then
  ${remove}
  source_forget ${marker}
fi
`,
  );
}
