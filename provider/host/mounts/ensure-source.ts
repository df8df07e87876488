import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { sh } from "../sh";
import { type DirectoryPlan, LOCK_SECONDS, markerPath, type SourcePlan, shortMode } from "./source-plan";

/** Checks a source, and if it should be created, makes it a directory as planned; answers `made` if it had to. */
export function ensureSource(plan: SourcePlan): Script {
  const { path, owner, create } = plan;
  const marker = markerPath(plan);
  // Whether it is created or only used may have changed, and with it the path of the marker.
  const former = markerPath({
    path,
    owner,
    create: create === undefined ? { owner: 0, group: 0, mode: "" } : undefined,
  });
  return lines([
    exclusively(
      "sources",
      LOCK_SECONDS,
      lines([
        create === undefined
          ? sh`source_present ${path}; source_made=0`
          : lines([sh`source_inspect ${path}`, accounts(create), claim(plan, marker)]),
        sh`
file_present ${marker} ${JSON.stringify({ owner, path, urn: plan.urn }).slice(0, -1)}",\"made\":\"$source_made\"}" 0600 || :
if source_is_of ${former} ${owner}; then file_absent ${former} || :; fi
`,
        create === undefined ? sh`:` : makeDirectory(path, create.mode),
      ]),
    ),
  ]);
}

/**
 * Takes a directory that is free, already its own, or of a resource with the same URN: a replacement in the same place,
 * or a create whose answer was lost. Nothing in the directory is lost by that.
 */
function claim({ path, owner, urn, adopt }: SourcePlan, marker: string): Script {
  return sh`
source_made=0
if [ -e ${marker} ]; then
  source_is_of ${marker} ${owner} || [ ${adopt ? "yes" : "no"} = yes ] || marker_is ${marker} urn ${urn} ||
    refuse source-claimed ${path} "$(marker_field ${marker} urn)"
  source_made=$(marker_field ${marker} made)
elif [ -z "$source_absent" ]; then
  source_directory ${path}
  [ ${adopt ? "yes" : "no"} = yes ] || refuse source-foreign ${path}
fi
[ "$source_lacking" -le "$source_made" ] || source_made=$source_lacking
source_share ${path}
`;
}

function accounts({ owner, group }: DirectoryPlan): Script {
  return sh`
source_owner=${idOf("passwd", owner)}
source_group=${idOf("group", group)}
[ -n "$source_owner" ] || refuse source-user ${String(owner)}
[ -n "$source_group" ] || refuse source-group ${String(group)}
`;
}

function makeDirectory(path: string, mode: string): Script {
  return sh`
[ -z "$source_absent" ] || answer made ${path}
[ -n "$source_absent" ] || source_directory ${path}
(
  source_enter ${path}
  if [ "$(stat -c '%u:%g %a' .)" != "$source_owner:$source_group "${shortMode(mode)} ]; then
    chown -- "$source_owner:$source_group" .
    # Five digits: with fewer, chmod leaves the setgid bit of a directory alone.
    chmod ${mode.padStart(5, "0")} .
  fi
)
`;
}

/** A number as it is, a name as the host resolves it. */
function idOf(database: "passwd" | "group", account: number | string): Script {
  if (typeof account === "number") return sh`${account}`;
  return sh`$(getent ${database} ${account} | cut -d : -f 3)`;
}
