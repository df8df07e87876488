import { lines, type Script } from "../../remote";
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
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  const name = path.slice(path.lastIndexOf("/") + 1);
  return lines([
    sh`
source_remove() {
  source_made=$(marker_field ${marker} made)
  if [ ! -e ${path} ] && [ ! -L ${path} ]; then return 0; fi
  if [ ! -d ${path} ] || [ "$(realpath -- ${path})" != ${path} ]; then answer kept ${path}; return 0; fi
  if [ ${removeData ? "yes" : "no"} = yes ]; then
    source_found=$(image_mounts ${path})
    [ -z "$source_found" ] || refuse source-mounted ${path} "$source_found"
  elif [ "$source_made" = 0 ] || [ -n "$(ls -A -- ${path})" ]; then answer kept ${path}; return 0
  fi
  source_unused ${path}
  (
    source_enter ${parent}
    if [ ${removeData ? "yes" : "no"} = yes ]; then image_remove ${`./${name}`}; else rmdir -- ${`./${name}`}; fi
    while [ "$source_made" -gt 1 ]; do
      source_step=$(basename -- "$(pwd -P)"); cd ..
      rmdir -- "./$source_step" 2>/dev/null || break
      source_made=$((source_made - 1))
    done
  )
}
`,
    exclusively(
      "sources",
      LOCK_SECONDS,
      sh`
if source_is_of ${marker} ${owner}; then
  ${create === undefined ? sh`:` : sh`source_remove`}
  source_forget ${marker}
fi
`,
    ),
  ]);
}
