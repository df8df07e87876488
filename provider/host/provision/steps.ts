import { createHash } from "node:crypto";
import { lines, type Script, sh } from "../../remote";
import { WARNING } from "./guest";

/** A command: a text is a script, a list is a program with its arguments, by no shell. */
type Command = string | readonly string[];

/** What is done in a guest under a name. */
export interface GuestStep {
  readonly name: string;
  /** One command, or several by name that run at the same time and shall all succeed. */
  readonly run: Command | Readonly<Record<string, Command>>;
  readonly as: string;
  /** Absolute, or within the home; the home where it is not given. */
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly when: "once" | "changed" | "start";
  /** Where it succeeds the step need not run, and where it fails it has to. */
  readonly check?: string | undefined;
  /** Files that it finds in `$CREDENTIALS_DIRECTORY`, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What its record is compared by. @default the command, its user, its directory and its environment */
  readonly identity?: unknown;
  /** A path, absolute or within the home, that is there as long as the step is done. */
  readonly leaves?: string;
}

/** How much of the output of a step is kept. */
const OUTPUT_BYTES = 8192;
const CHECK_SECONDS = 30;

/**
 * Shell functions: `provision_step KEY NAME HASH USER SCRIPT CHECK` runs a step with the credentials in `provision_secrets`, and ends the
 * script where it fails; `provision_step_due KEY WHEN HASH` tells whether it has to run. A record is written when a step begins, so that one
 * that was cut off is not taken for done.
 */
export const stepFunctions: Script = sh`
provision_boot=$(cat /proc/sys/kernel/random/boot_id)
provision_record() { cat "$provision_dir/steps/$1/$2" 2>/dev/null || :; }
provision_step_due() {
  [ "$(provision_record "$1" status)" = 0 ] || return 0
  case $2 in
    once) return 1 ;;
    start) [ "$(provision_record "$1" boot)" = "$provision_boot" ] || return 0 ;;
  esac
  [ "$(provision_record "$1" hash)" != "$3" ]
}
provision_step_note() {
  mkdir -p -m 0700 -- "$provision_dir/steps/$1"
  printf %s "$2" >"$provision_dir/steps/$1/name"
  printf %s "$3" >"$provision_dir/steps/$1/hash"
  printf %s "$provision_boot" >"$provision_dir/steps/$1/boot"
  printf %s "$4" >"$provision_dir/steps/$1/status"
}
provision_within_home() { (cd -- "$(provision_field "$1" 6)" && [ -e "$2" ]); }
# USER CHECK
provision_checked() {
  provision_limit=${CHECK_SECONDS}
  if provision_as "$1" "$2" >/dev/null 2>&1; then provision_limit=; else provision_limit=; return 1; fi
}
# The last line of its output is shown while it runs.
provision_step_watch() {
  while sleep 1; do provision_say "$1: $(tail -n 1 -- "$2" | tr -d '\000-\037' | cut -c 1-200)"; done
}
provision_step() {
  provision_step_note "$1" "$2" "$3" running
  provision_say "$2"
  provision_output=$provision_dir/steps/$1/output
  : >"$provision_output"
  if [ -n "$provision_secrets" ]; then
    provision_credentials=$(mktemp -d /run/pulumi-nspawn-credentials.XXXXXX)
    (umask 077; cd -- "$provision_credentials"; eval "$provision_secrets")
    chown -R -- "$4:" "$provision_credentials"
  fi
  provision_step_watch "$2" "$provision_output" & provision_watcher=$!
  provision_status=0
  provision_as "$4" "$5" >"$provision_output" 2>&1 || provision_status=$?
  kill "$provision_watcher" 2>/dev/null || :
  wait "$provision_watcher" 2>/dev/null || :
  [ -z "$provision_credentials" ] || rm -rf -- "$provision_credentials"
  provision_credentials=
  if [ "$provision_status" = 0 ] && [ -n "$6" ] && ! provision_checked "$4" "$6"; then
    echo "its check fails also after it" >>"$provision_output"
    provision_status=1
  fi
  tail -c ${OUTPUT_BYTES} -- "$provision_output" >"$provision_output.end"
  mv -f -- "$provision_output.end" "$provision_output"
  provision_step_note "$1" "$2" "$3" "$provision_status"
  sed -n 's/^'${WARNING}'//p' "$provision_output" >>"$provision_dir/warnings"
  if [ "$provision_status" != 0 ]; then
    answer failed "$2" "$provision_status" "$(cat -- "$provision_output")"
    exit 1
  fi
}
`;

/** Runs a step where that is due. */
export function ensureStep(step: GuestStep): Script {
  const { name, as, check = "", secrets } = step;
  const key = keyOf(name);
  const secretFiles = Object.entries(secrets).map(([file, text]) => sh`printf %s ${text} >${file}`);
  return sh`
if ${due(step)}; then
  provision_secrets=${lines(secretFiles).text}
  provision_step ${[key, name, hashOf(step), as, scriptOf(step).text, check]}
elif [ ! -e "$provision_dir/steps/"${key} ]; then provision_step_note ${[key, name, hashOf(step), "0"]}
fi
`;
}

/** Tells what a step has left undone, and how it ended. */
export function inspectStep(step: GuestStep): Script {
  const { name } = step;
  const key = keyOf(name);
  return sh`
if [ -n "$provision_idle" ] && ${due(step)}; then
  case $(provision_record ${key} status) in
    '') provision_differs ${name} "it has not run" ;;
    0) provision_differs ${name} "it has to run again" ;;
    running) provision_differs ${name} "it did not end" ;;
    *) provision_differs ${name} "it ended with exit status $(provision_record ${key} status)" ;;
  esac
fi
[ ! -e "$provision_dir/steps/"${key} ] || answer result ${name} "$(provision_record ${key} status)" "$(provision_record ${key} output)"
`;
}

/** Forgets what is not among the steps any more: it runs again when it comes back. */
export function forgetOtherSteps(steps: readonly GuestStep[]): Script {
  return sh`
for provision_each in "$provision_dir"/steps/*; do
  case " "${steps.map(({ name }) => keyOf(name)).join(" ")}" " in *" \${provision_each##*/} "*) ;; *) rm -rf -- "$provision_each" ;; esac
done
`;
}

/** Steps that run at each start, as a script of their own. */
export function startSteps(steps: readonly GuestStep[]): readonly GuestStep[] {
  return steps.filter(({ when }) => when === "start");
}

function due(step: GuestStep): Script {
  const { name, as, when, check, leaves } = step;
  if (check !== undefined) return sh`! provision_checked ${as} ${check}`;
  const recorded = sh`provision_step_due ${keyOf(name)} ${when} ${hashOf(step)}`;
  return leaves === undefined ? recorded : sh`{ ${recorded} || ! provision_within_home ${as} ${leaves}; }`;
}

function keyOf(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

function hashOf({ run, as, cwd, environment, identity }: GuestStep): string {
  const content = identity ?? { run, as, cwd, environment };
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

/** What the user's shell gets: it is read whole before it runs, and nothing in it can eat its rest. */
function scriptOf({ run, cwd, environment }: GuestStep): Script {
  return sh`{
exec </dev/null
cd -- "$HOME"
cd -- ${cwd ?? "."} || exit
${lines(Object.entries(environment).map(([name, value]) => sh`export ${name}; ${name}=${value}`))}
${typeof run === "string" || isList(run) ? command(run) : together(run)}
exit
}
`;
}

function command(run: Command): Script {
  if (typeof run !== "string") return sh`${run}`;
  if (!run.startsWith("#!")) return sh`set -e; eval ${run}`;
  return sh`
step_directory=$(mktemp -d)
trap 'rm -rf -- "$step_directory"' EXIT
printf %s ${run} >"$step_directory/run"
chmod 0700 "$step_directory/run"
"$step_directory/run"`;
}

/** Each has its output on its own, so that they do not mix. */
function together(run: Readonly<Record<string, Command>>): Script {
  const named = Object.entries(run);
  return lines([
    sh`steps_directory=$(mktemp -d); trap 'rm -rf -- "$steps_directory"' EXIT; steps_status=0; steps_running=`,
    ...named.map(
      ([, one], index) => sh`( ${command(one)}
) >"$steps_directory/"${index} 2>&1 & steps_running="$steps_running $!"`,
    ),
    sh`set -- $steps_running`,
    ...named.map(
      ([name], index) => sh`
steps_one=0; wait "$1" || steps_one=$?
sed ${`s|^|${name}: |`} "$steps_directory/"${index}
if [ "$steps_one" != 0 ]; then steps_status=$steps_one; echo ${name}" ended with exit status $steps_one"; fi
shift`,
    ),
    sh`(exit "$steps_status")`,
  ]);
}

function isList(run: Command | Readonly<Record<string, Command>>): run is readonly string[] {
  return Array.isArray(run);
}
