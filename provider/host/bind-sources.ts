import { createHash } from "node:crypto";
import { z } from "zod";
import { type Answer, lines, type Script, sh } from "../remote";
import { exclusively } from "./exclusion";
import { fileFunctions } from "./files";
import { images } from "./images";
import { STATE_DIRECTORY } from "./ownership";
import { sourceFunctions } from "./sources";

/** What a directory on the host shall be: users and groups by number, or by the host's names. */
export interface DirectoryPlan {
  readonly owner: number | string;
  readonly group: number | string;
  /** Octal digits. */
  readonly mode: string;
}

/** A source of mounts: whose it is, and what it shall be where its resource makes it. */
export interface SourcePlan {
  readonly path: string;
  readonly owner: string;
  readonly urn: string;
  readonly adopt: boolean;
  readonly create?: DirectoryPlan | undefined;
}

const DIRECTORY = `${STATE_DIRECTORY}/sources`;
const LOCK_SECONDS = 60;

/** Who makes a directory has it alone, so the marker goes by the path; a source that is only used may be so by many. */
function markerPath({ path, owner, create }: Pick<SourcePlan, "path" | "owner" | "create">): string {
  const key = create === undefined ? owner : createHash("sha256").update(path).digest("hex").slice(0, 32);
  return `${DIRECTORY}/${key}.json`;
}

const functions: Script = lines([
  fileFunctions,
  sourceFunctions,
  sh`
source_field() { sed -n 's/.*[{,]"'"$2"'":"\(\([^"\\]\|\\.\)*\)".*/\1/p' "$1" | sed 's/\\\(.\)/\1/g'; }
source_is_of() { [ -e "$1" ] && [ "$(source_field "$1" owner)" = "$2" ]; }
source_forget() { file_absent "$1" || :; rmdir -- ${STATE_DIRECTORY} 2>/dev/null || :; }
# Directories above it that were made for another source count as made for this one too: the last source removes them.
source_share() {
  [ "$source_made" -gt 0 ] || return 0
  for source_marker in ${DIRECTORY}/*.json; do
    [ -e "$source_marker" ] || continue
    source_top=$(source_field "$source_marker" path) source_steps=$(source_field "$source_marker" made)
    [ "$source_steps" -gt 1 ] || continue
    while [ "$source_steps" -gt 1 ]; do source_top=\${source_top%/*} source_steps=$((source_steps - 1)); done
    case $1 in "$source_top"/*) ;; *) continue ;; esac
    source_below=$(printf %s "\${1#"$source_top"}" | tr -cd / | wc -c)
    [ "$source_made" -gt "$source_below" ] || source_made=$((source_below + 1))
  done
}
# Step by step from the root, so that a link that someone puts there meanwhile is not followed.
source_enter() {
  cd /
  source_rest=\${1#/}
  while [ -n "$source_rest" ]; do
    source_step=./\${source_rest%%/*}
    [ -d "$source_step" ] || mkdir -m 0700 -- "$source_step"
    cd -P -- "$source_step"
    case $source_rest in */*) source_rest=\${source_rest#*/} ;; *) source_rest= ;; esac
  done
  [ "$(pwd -P)" = "$1" ] || refuse source-symlink "$1" "$1" "$(pwd -P)" "$(pwd -P)"
}
# Machines that have it mounted, as the kernel lists their mounts: with blanks and backslashes as octal numbers.
source_users() {
  source_device=$(findmnt -n -o MAJ:MIN -T "$1" | tr -d ' ')
  source_root=$(findmnt -n -o FSROOT -T "$1") source_mount=$(findmnt -n -o TARGET -T "$1")
  source_listed=$(printf '%s/%s\n' "\${source_root%/}" "\${1#"\${source_mount%/}/"}" | sed 's/\\/\\134/g; s/ /\\040/g')
  machinectl list --no-legend --no-pager | while read -r source_machine source_rest; do
    source_leader=$(machinectl show "$source_machine" -p Leader --value)
    if source_device=$source_device source_listed=$source_listed awk '
      $3 == ENVIRON["source_device"] && ($4 == ENVIRON["source_listed"] || index($4, ENVIRON["source_listed"] "/") == 1) { found = 1 }
      END { exit !found }' "/proc/$source_leader/mountinfo"; then printf '%s ' "$source_machine"; fi
  done
}
source_unused() {
  source_found=$(source_users "$1")
  [ -z "$source_found" ] || refuse source-used "$1" "$source_found"
}
`,
]);

/** Looks at a source, and makes it a directory as it shall be where it has to be made; answers `made` where it had to. */
export function ensureSource(plan: SourcePlan): Script {
  const { path, owner, create } = plan;
  const marker = markerPath(plan);
  // Whether it is made or only used may have changed, and with it the place of the marker.
  const former = markerPath({
    path,
    owner,
    create: create === undefined ? { owner: 0, group: 0, mode: "" } : undefined,
  });
  return lines([
    functions,
    exclusively(
      "sources",
      LOCK_SECONDS,
      lines([
        create === undefined
          ? sh`source_present ${path}; source_made=0`
          : lines([sh`source_look ${path}`, accounts(create), claim(plan, marker)]),
        sh`
mkdir -p -- ${DIRECTORY}
file_present ${marker} ${JSON.stringify({ owner, path, urn: plan.urn }).slice(0, -1)}",\"made\":\"$source_made\"}" 0600 || :
if source_is_of ${former} ${owner}; then file_absent ${former} || :; fi
`,
        create === undefined ? sh`:` : makeDirectory(path, create.mode),
      ]),
    ),
  ]);
}

/**
 * A directory is taken that is free, its own already, or of a resource of the same URN: what makes it anew in the same place, or a
 * create whose answer was lost. Nothing in it is lost by that.
 */
function claim({ path, owner, urn, adopt }: SourcePlan, marker: string): Script {
  return sh`
source_made=0
if [ -e ${marker} ]; then
  source_urn=$(source_field ${marker} urn)
  source_is_of ${marker} ${owner} || [ ${adopt ? "yes" : "no"} = yes ] || [ "$source_urn" = ${urn} ] || refuse source-claimed ${path} "$source_urn"
  source_made=$(source_field ${marker} made)
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
    # Five digits, since chmod leaves the setgid bit of a directory alone with fewer.
    chmod ${mode.padStart(5, "0")} .
  fi
)
`;
}

/** A number as it is, a name as the host knows it. */
function idOf(database: "passwd" | "group", account: number | string): Script {
  if (typeof account === "number") return sh`${account}`;
  return sh`$(getent ${database} ${account} | cut -d : -f 3)`;
}

/** As stat(1) prints it. */
function shortMode(mode: string): string {
  return mode.replace(/^0+(?=.)/, "");
}

/**
 * Lets a source go. What was made is removed where it is empty, and all in it where that was asked for; answers `kept` where it
 * stays. Nothing where the host has another owner's.
 */
export function removeSource(source: Pick<SourcePlan, "path" | "owner" | "create">, removeData: boolean): Script {
  const { path, owner, create } = source;
  const marker = markerPath(source);
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  const name = path.slice(path.lastIndexOf("/") + 1);
  return lines([
    functions,
    images,
    sh`
source_remove() {
  source_made=$(source_field ${marker} made)
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

/** Answers every source that a resource of ours has on the host. */
export const sourcesInventory: Script = lines([
  functions,
  sh`
for source_marker in ${DIRECTORY}/*.json; do
  [ -e "$source_marker" ] || continue
  source_path=$(source_field "$source_marker" path)
  if [ "$(realpath -m -- "$source_path")" != "$source_path" ]; then source_kind="a symbolic link"
  elif [ -e "$source_path" ]; then source_kind=$(stat -c %F -- "$source_path")
  else source_kind=missing; fi
  answer source "$(source_field "$source_marker" owner)" "$source_kind" "$(stat -c '%u %U %g %G %a' -- "$source_path" 2>/dev/null || :)"
done
`,
]);

/** A source as the inventory saw it. */
export interface FoundSource {
  /** As stat(1) calls it, or `missing`, or `a symbolic link`. */
  readonly kind: string;
  /** Number and name of each. */
  readonly owner: readonly [string, string];
  readonly group: readonly [string, string];
  readonly mode: string;
}

const foundSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]);

/** The source of an owner, as {@link sourcesInventory} answered it. */
export function sourceOf(answers: readonly Answer[], owner: string): FoundSource | undefined {
  const values = answers.find((answer) => answer.key === "source" && answer.values[0] === owner)?.values;
  if (values === undefined) return undefined;
  const [, kind = "missing", stat = ""] = values;
  const [uid, user, gid, group, mode] = foundSchema.safeParse(stat.split(" ")).data ?? ["", "", "", "", ""];
  return { kind, owner: [uid, user], group: [gid, group], mode };
}

/** What a directory on the host has other than it should, by name. */
export function directoryDrift(plan: DirectoryPlan, found: FoundSource): Record<string, string> {
  const other = (wanted: number | string, has: readonly [string, string]) => !has.includes(String(wanted));
  return {
    ...(other(plan.owner, found.owner) && { owner: `it belongs to ${found.owner[1]} (${found.owner[0]})` }),
    ...(other(plan.group, found.group) && { group: `it is of the group ${found.group[1]} (${found.group[0]})` }),
    ...(shortMode(plan.mode) !== found.mode && { mode: `it is ${found.mode}` }),
  };
}
