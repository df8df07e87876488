import { setTimeout as pause } from "node:timers/promises";
import {
  type Answer,
  DeadlineError,
  HostError,
  lines,
  run,
  type Script,
  sh,
  type Target,
  UnreachableError,
} from "../remote";
import { buildProgress } from "./build-progress";
import { exclusively } from "./exclusion";

/** Long work on a host, named by what it makes, so that whoever wants the same joins it. */
export interface LongWork {
  /** Name of the systemd unit, without `.service`. */
  readonly unit: string;
  readonly description: string;
  /** A command that succeeds where the work is done already. */
  readonly done: Script;
  /** What the unit runs. It holds no secret: everyone on the host can read a unit. */
  readonly script: Script;
}

export interface WorkOptions {
  readonly attempt: string;
  /** Seconds after which following ends; the unit goes on, and the next `up` joins it. */
  readonly timeoutSeconds: number;
  readonly onAnswer: (answer: Answer) => void;
}

export type WorkResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly cancelled: boolean; readonly log: string; readonly unit: string };

/** How often a connection that was lost while following is made anew. */
const ATTACHMENTS = 5;
const PAUSE_MS = 1000;
const LOCK_SECONDS = 60;
const LOG_BYTES = 30_000;
/** How long the end of a run can still be asked for; longer than any run. */
const KEPT_MINUTES = 24 * 60;
const LONGEST_SECONDS = 6 * 3600;
const STATUS = "/run/pulumi-nspawn/units";

interface Following {
  readonly target: Target;
  readonly work: LongWork;
  readonly listeners: Set<(answer: Answer) => void>;
  readonly result: Promise<WorkResult>;
}

const followed = new Map<string, Following>();

/**
 * Does long work in a transient unit of the host's systemd: starts it, or joins it where it runs already, for another
 * resource, process or person. A lost connection is made anew; the unit does not notice.
 */
export async function doLongWork(target: Target, work: LongWork, options: WorkOptions): Promise<WorkResult> {
  const key = JSON.stringify([target.connection, work.unit]);
  const known = followed.get(key);
  if (known !== undefined) {
    known.listeners.add(options.onAnswer);
    return known.result;
  }
  const listeners = new Set([options.onAnswer]);
  const result = follow(target, work, options, (answer) => {
    for (const listener of listeners) listener(answer);
  }).finally(() => followed.delete(key));
  followed.set(key, { target, work, listeners, result });
  return result;
}

/** Stops what this process follows and nobody else does; for the second ^C, after which the engine kills the process. */
export async function stopLongWork(): Promise<void> {
  const options = { attempt: "stop the work on the host", timeoutSeconds: 4 };
  await Promise.allSettled(
    [...followed.values()].map(({ target, work }) => run({ ...target, parallel: 9 }, stop(work.unit), options)),
  );
}

async function follow(
  target: Target,
  work: LongWork,
  options: WorkOptions,
  onAnswer: (answer: Answer) => void,
): Promise<WorkResult> {
  const until = Date.now() + options.timeoutSeconds * 1000;
  let invocation: string | undefined;
  for (let attachment = 1; ; attachment++) {
    try {
      const answers = await run(target, invocation === undefined ? start(work) : attach(work, invocation), {
        attempt: options.attempt,
        timeoutSeconds: Math.max(1, (until - Date.now()) / 1000),
        onAnswer: (answer) => {
          if (answer.key === "following") invocation = answer.values[0];
          onAnswer(answer);
        },
      });
      return resultOf(work, answers);
    } catch (error) {
      if (error instanceof DeadlineError && invocation !== undefined) throw stillRunning(work, options, error);
      const again = invocation !== undefined && attachment < ATTACHMENTS && Date.now() < until;
      if (!(error instanceof UnreachableError) || !again) throw error;
      await pause(PAUSE_MS * attachment);
    }
  }
}

function stillRunning(work: LongWork, options: WorkOptions, error: DeadlineError): HostError {
  return new HostError({
    ...error.parts,
    happened: `it was not finished after ${options.timeoutSeconds} s; it goes on on the host`,
    advice: `The next \`pulumi up\` takes it from there; more seconds are given by \`timeouts\`. Its output: journalctl -u ${work.unit}.service`,
    details: undefined,
    cause: error,
  });
}

function resultOf(work: LongWork, answers: readonly Answer[]): WorkResult {
  const [status, log = ""] = answers.findLast((answer) => answer.key === "ended")?.values ?? [];
  if (status === "0") return { ok: true };
  return { ok: false, cancelled: status === "cancelled", log, unit: `${work.unit}.service` };
}

/**
 * Checks and starts under a lock, so that there is one run however many want it. A unit that succeeded stays `active (exited)` and one that failed stays `failed`, and both keep their name: they are
 * cleared before a new start. Which run it was is told by the invocation id, and its end by a file of that name, since a
 * unit that is gone looks like one that succeeded.
 */
function start(work: LongWork): Script {
  const unit = `${work.unit}.service`;
  const properties = {
    RemainAfterExit: "yes",
    PrivateMounts: "yes",
    PrivateTmp: "yes",
    Delegate: "yes",
    RuntimeMaxSec: `${LONGEST_SECONDS}`,
    StandardInput: "data",
    StandardInputData: Buffer.from(payload(work.script)).toString("base64"),
  };
  const flags = Object.entries(properties).flatMap(([key, value]) => ["-p", `${key}=${value}`]);
  const ensure = sh`
work_invocation=
if ${work.done}; then answer ended 0
else
  case "$(systemctl show -p SubState --value ${unit})" in
    running | start*) ;;
    *)
      systemctl stop ${unit} 2>/dev/null || :
      systemctl reset-failed ${unit} 2>/dev/null || :
      find ${STATUS} -type f -mmin ${`+${KEPT_MINUTES}`} -delete
      systemd-run --quiet --unit=${unit} --description=${work.description} ${flags} sh ;;
  esac
  work_invocation=$(systemctl show -p InvocationID --value ${unit})
  answer following "$work_invocation"
fi
`;
  return lines([
    functions(work.unit),
    exclusively(work.unit, LOCK_SECONDS, ensure),
    sh`[ -z "$work_invocation" ] || work_follow "$work_invocation"`,
  ]);
}

function attach(work: LongWork, invocation: string): Script {
  return lines([functions(work.unit), sh`work_follow ${invocation}`]);
}

/** A shell reads the script whole before it runs it, and nothing in it can eat its rest. */
function payload(script: Script): string {
  return sh`{
( set -e
LC_ALL=C; export LC_ALL
${script}
) </dev/null 2>&1
work_status=$?
mkdir -p ${STATUS}
[ -e ${STATUS}/"$INVOCATION_ID" ] || { echo "$work_status" >${STATUS}/"$INVOCATION_ID.new" && mv ${STATUS}/"$INVOCATION_ID.new" ${STATUS}/"$INVOCATION_ID"; }
exit "$work_status"
}
`.text;
}

/** A follower holds a shared lock for as long as it follows, so that others can count the followers. */
function functions(unit: string): Script {
  const clear = sh`
  if [ "$(systemctl show -p InvocationID --value "$work_unit")" = "$1" ] && ! work_is_running "$1"; then
    systemctl stop "$work_unit" 2>/dev/null || :
    systemctl reset-failed "$work_unit" 2>/dev/null || :
  fi
`;
  return lines([
    buildProgress,
    sh`
set -e
work_unit=${`${unit}.service`}
mkdir -p ${STATUS}
work_is_running() {
  case "$(systemctl show -p InvocationID -p SubState "$work_unit" | sort | tr '\n' ' ')" in
    "InvocationID=$1 SubState=running " | "InvocationID=$1 SubState=start"*) ;;
    *) return 1 ;;
  esac
}
work_lines() {
  journalctl -q -f -n all -o cat "_SYSTEMD_INVOCATION_ID=$1" 2>/dev/null & work_journal=$!
  work_tick=0
  while [ ! -e ${STATUS}/"$1" ]; do
    sleep 0.2
    work_tick=$((work_tick + 1))
    [ $((work_tick % 10)) != 0 ] || work_is_running "$1" || break
  done
  sleep 0.2
  kill "$work_journal" 2>/dev/null || :
}
# What a finished unit has to tell is in its journal; the unit itself would stay listed for ever. By now it may be somebody's
# next run, which is not to be touched.
work_clear() {
  work_tick=0
  while work_is_running "$1" && [ "$work_tick" -lt 20 ]; do sleep 0.1; work_tick=$((work_tick + 1)); done
${exclusively(unit, LOCK_SECONDS, clear)}
}
work_follow() {
  exec 8>>${STATUS}/"$1.followers"
  flock -s 8
  work_lines "$1" | build_progress
  exec 8>&-
  work_status=$(cat ${STATUS}/"$1" 2>/dev/null) || work_status=killed
  work_clear "$1"
  [ "$work_status" != 0 ] || { answer ended 0; return; }
  answer ended "$work_status" "$(journalctl -q -o cat "_SYSTEMD_INVOCATION_ID=$1" 2>/dev/null | tail -c ${LOG_BYTES})"
}
`,
  ]);
}

/** The exit status of a builder that was stopped is that of a real error, so the reason is written down before. */
function stop(unit: string): Script {
  return sh`
work_unit=${`${unit}.service`}
work_invocation=$(systemctl show -p InvocationID --value "$work_unit")
[ -n "$work_invocation" ] || exit 0
work_followers=${STATUS}/"$work_invocation.followers"
if [ -e "$work_followers" ] && [ "$(grep -c "FLOCK .* READ .*:$(stat -c %i "$work_followers") " /proc/locks)" -gt 1 ]; then exit 0; fi
echo cancelled >${STATUS}/"$work_invocation"
systemctl stop "$work_unit"
`;
}
