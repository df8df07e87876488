import { createHash } from "node:crypto";
import { lines, type Script } from "../../remote";
import { sh } from "../sh";

/** A command: a string is a script, a list is a program with its arguments, run without a shell. */
type Command = string | readonly string[];

/** A named piece of work in a guest. */
export interface GuestStep {
  readonly name: string;
  /** One command, or several named ones that run at the same time and must all succeed. */
  readonly run: Command | Readonly<Record<string, Command>>;
  readonly as: string;
  /** Absolute, or relative to the home; the home if it is not given. */
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly when: "once" | "changed" | "start";
  /** If it succeeds, the step need not run; if it fails, the step must run. */
  readonly check?: string | undefined;
  /** Files that the step finds in `$CREDENTIALS_DIRECTORY`, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What its record is compared with. @default the command, its user, its directory and its environment */
  readonly identity?: unknown;
  /** A path, absolute or relative to the home, that exists as long as the step is done. */
  readonly leaves?: string;
}

/** Runs a step if it is due. */
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

/** Reports whether a step is still due, and how it ended. */
export function inspectStep(step: GuestStep): Script {
  const { name } = step;
  const key = keyOf(name);
  return sh`
if [ -n "$provision_idle" ] && ${due(step)}; then
  case $(provision_record ${key} status) in
    '') provision_differs ${name} "it has not run" ;;
    0) provision_differs ${name} "it has to run again" ;;
    running) provision_differs ${name} "it did not finish" ;;
    *) provision_differs ${name} "it ended with exit status $(provision_record ${key} status)" ;;
  esac
fi
[ ! -e "$provision_dir/steps/"${key} ] || answer result ${name} "$(provision_record ${key} status)" "$(provision_record ${key} output)"
`;
}

/** Forgets steps that are no longer planned: they run again when they come back. */
export function forgetOtherSteps(steps: readonly GuestStep[]): Script {
  return sh`
for provision_each in "$provision_dir"/steps/*; do
  case " "${steps.map(({ name }) => keyOf(name)).join(" ")}" " in *" \${provision_each##*/} "*) ;; *) rm -rf -- "$provision_each" ;; esac
done
`;
}

/** The steps that run at each start; they become a separate script. */
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

/** What the user's shell gets: it reads the whole script before it runs it, so that no command can consume the rest. */
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
step_directory=$(mktemp -d) || exit
trap 'rm -rf -- "$step_directory"' EXIT
printf %s ${run} | tee "$step_directory/run" >/dev/null || exit
chmod 0700 "$step_directory/run" || exit
"$step_directory/run"`;
}

/** Each command has its own output, so that they do not mix. */
function together(run: Readonly<Record<string, Command>>): Script {
  const named = Object.entries(run);
  return lines([
    sh`steps_directory=$(mktemp -d) || exit; trap 'rm -rf -- "$steps_directory"' EXIT; steps_status=0; steps_running=`,
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
