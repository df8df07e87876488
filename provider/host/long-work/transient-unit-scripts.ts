import { lines, type Script, withLibraries } from "../../remote";
import { exclusively, lockFile } from "../exclusion";
import { sh } from "../sh";
import { HEARTBEAT } from "./build-progress";

/** Long work on a host, named by what it makes, so that whoever wants the same joins it. */
export interface LongWork {
  /** Name of the systemd unit, without `.service`. */
  readonly unit: string;
  readonly description: string;
  /** A command that succeeds where the work is done already. */
  readonly done: Script;
  /** What the unit runs. It holds no secret: everyone on the host can read a unit. */
  readonly script: Script;
  /** Whether its output is for root alone, in a file, since more people can read the journal. @default false */
  readonly private?: boolean;
}

/** How often a follower tells that it is still there. */
export const HEARTBEAT_SECONDS = 10;

const LOCK_SECONDS = 120;
const TICKS_A_SECOND = 5;
const LOG_BYTES = 30_000;
/** How long the end of a run can still be asked for; longer than any run. */
const KEPT_MINUTES = 24 * 60;
const LONGEST_SECONDS = 6 * 3600;
const STATUS = "/run/pulumi-nspawn/units";

/**
 * Checks and starts under a lock, so that there is one run however many want it, and answers `following` with the
 * invocation id of the run, or nothing where the work is done already.
 *
 * A unit that succeeded stays `active (exited)` and one that failed stays `failed`, and both keep their name: they are
 * cleared before a new start. Which run it was is told by the invocation id, and its end by a file of that name, since a
 * unit that is gone looks like one that succeeded.
 */
export function startUnit(work: LongWork): Script {
  const unit = `${work.unit}.service`;
  const properties = {
    RemainAfterExit: "yes",
    PrivateMounts: "yes",
    PrivateTmp: "yes",
    Delegate: "yes",
    RuntimeMaxSec: `${LONGEST_SECONDS}`,
    StandardInput: "data",
    StandardInputData: Buffer.from(payload(work)).toString("base64"),
  };
  const flags = Object.entries(properties).flatMap(([key, value]) => ["-p", `${key}=${value}`]);
  const ensure = sh`
if ! { ${work.done}; }; then
  case "$(systemctl show -p SubState --value ${unit})" in
    running | start*) ;;
    *)
      systemctl stop ${unit} 2>/dev/null || :
      systemctl reset-failed ${unit} 2>/dev/null || :
      # Another script may clear the same directory.
      find ${STATUS} -ignore_readdir_race -type f -mmin ${`+${KEPT_MINUTES}`} -delete
      systemd-run --quiet --unit=${unit} --description=${work.description} ${flags} sh ;;
  esac
  answer following "$(systemctl show -p InvocationID --value ${unit})"
fi
`;
  return lines([sh`mkdir -p ${STATUS}`, exclusively(work.unit, LOCK_SECONDS, ensure)]);
}

/**
 * A shell reads the script whole before it runs it, and nothing in it can eat its rest. Before a unit fails the journal
 * has to have its output: what comes in later is not recorded with the invocation id, which systemd has forgotten by then.
 */
function payload({ script, private: secluded }: LongWork): string {
  return sh`{
${secluded ? sh`( umask 077; : >${STATUS}/"$INVOCATION_ID.log" ); exec >${STATUS}/"$INVOCATION_ID.log"` : sh`:`}
( set -e
LC_ALL=C; export LC_ALL
${withLibraries(script)}
) </dev/null 2>&1
work_status=$?
[ "$work_status" = 0 ] || timeout 20 journalctl --sync || :
mkdir -p ${STATUS}
[ -e ${STATUS}/"$INVOCATION_ID" ] || { echo "$work_status" >${STATUS}/"$INVOCATION_ID.new" && mv ${STATUS}/"$INVOCATION_ID.new" ${STATUS}/"$INVOCATION_ID"; }
exit "$work_status"
}
`.text;
}

/**
 * Follows a run to its end: answers its progress, `heartbeat` every few seconds, and at last `ended` with the exit
 * status, `cancelled` or `killed`, and the end of its output where it failed.
 *
 * A follower holds a shared lock for as long as it follows, so that others can count the followers. The output's reader
 * gets SIGKILL: whatever it is doing, it must not keep the pipe open. What systemd does not tell in time counts as a unit
 * that still runs.
 */
export function followUnit({ unit, private: secluded }: LongWork, invocation: string): Script {
  const followed = secluded
    ? sh`tail -n +1 -F ${STATUS}/"$work_invocation.log"`
    : sh`journalctl -q -f -n all -o cat "_SYSTEMD_INVOCATION_ID=$work_invocation"`;
  const output = secluded
    ? sh`cat ${STATUS}/"$work_invocation.log"`
    : sh`journalctl -q -o cat "_SYSTEMD_INVOCATION_ID=$work_invocation"`;
  return lines([
    sh`
work_unit=${`${unit}.service`}; work_invocation=${invocation}
mkdir -p ${STATUS}
# In conditions: it only looks.
work_has_ended() {
  work_state=$(systemctl show -p InvocationID -p SubState "$work_unit" | sort | tr '\n' ' ')
  case $work_state in
    '' | "InvocationID=$work_invocation SubState=running " | "InvocationID=$work_invocation SubState=start"*) return 1 ;;
  esac
}
work_lines() {
  ${followed} 2>/dev/null & work_journal=$!
  work_tick=0
  while [ ! -e ${STATUS}/"$work_invocation" ]; do
    sleep ${1 / TICKS_A_SECOND}
    work_tick=$((work_tick + 1))
    [ $((work_tick % ${HEARTBEAT_SECONDS * TICKS_A_SECOND})) != 0 ] || echo ${HEARTBEAT}
    [ $((work_tick % ${2 * TICKS_A_SECOND})) != 0 ] || ! work_has_ended || break
  done
  sleep 0.2
  kill -KILL "$work_journal" 2>/dev/null || :
}
# What a finished unit has to tell is in its output; the unit itself would stay listed for ever. By now it may be somebody's
# next run, which is not to be touched. Whoever starts one clears it too, so nobody waits long for that.
work_clear() {
  work_tick=0
  until work_has_ended || [ "$work_tick" -ge 20 ]; do sleep 0.1; work_tick=$((work_tick + 1)); done
  exec 9>${lockFile(unit)}
  flock -w 5 9 || return 0
  if [ "$(systemctl show -p InvocationID --value "$work_unit")" = "$work_invocation" ] && work_has_ended; then
    systemctl stop "$work_unit" 2>/dev/null || :
    systemctl reset-failed "$work_unit" 2>/dev/null || :
  fi
  exec 9>&-
}
exec 8>>${STATUS}/"$work_invocation.followers"
flock -s 8
work_lines | build_progress
exec 8>&-
work_status=$(cat ${STATUS}/"$work_invocation" 2>/dev/null) || work_status=killed
if [ "$work_status" = 0 ]; then answer ended 0
else
  answer ended "$work_status" "$(${output} 2>/dev/null | tail -c ${LOG_BYTES})"
fi
work_clear
`,
  ]);
}

/** The exit status of a builder that was stopped is that of a real error, so the reason is written down before. */
export function stopUnit(unit: string): Script {
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
