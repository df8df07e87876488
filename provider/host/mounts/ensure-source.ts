import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { aboutClaim, markerText } from "../ownership";
import { sh } from "../sh";
import { type DirectoryPlan, LOCK_SECONDS, markerPath, type SourcePlan, shortMode, writeMarker } from "./source-plan";

/** Checks a source, and if it should be created, makes it a directory as planned; answers `made` if it had to. */
export function ensureSource(plan: SourcePlan): Script {
  const { path, claim, create } = plan;
  const { owner } = claim;
  const marker = markerPath({ path, owner, create });
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
          ? lines([
              plan.look ?? sh`source_follow ${path}; source_present "$source_real"`,
              sh`source_made=0; answer leads "$source_real"`,
            ])
          : lines([sh`source_inspect ${path}`, accounts(create), take(plan, marker)]),
        writeMarker(marker, markerText(claim, { path }), sh`$source_made`),
        sh`
if source_is_of ${former} ${owner}; then file_absent ${former} || :; fi
`,
        create === undefined ? sh`:` : makeDirectory(path, create.mode),
      ]),
    ),
  ]);
}

/**
 * Takes a directory that is free, already its own, of a former run of this stack, or one that this very resource left
 * when it was deleted. Nothing in the directory is lost by that.
 */
function take({ path, claim }: SourcePlan, marker: string): Script {
  return lines([
    aboutClaim(claim),
    sh`
source_made=0
if [ -n "$source_absent" ] && source_is_kept ${marker}; then rm -f -- ${marker}; fi
if source_is_kept ${marker}; then
  [ "$claim_adopts" = yes ] || source_is_kept_for ${[marker, claim.urn, claim.stack]} || refuse source-foreign ${path}
  source_made=$(marker_field ${marker} made)
elif [ -e ${marker} ]; then
  claim_expect ${marker}
  source_made=$(marker_field ${marker} made)
elif [ -z "$source_absent" ]; then
  source_directory ${path}
  [ "$claim_adopts" = yes ] || refuse source-foreign ${path}
fi
[ "$source_lacking" -le "$source_made" ] || source_made=$source_lacking
source_share ${path}
`,
  ]);
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
