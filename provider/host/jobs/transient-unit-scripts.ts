import { lines, printDisks, type Script, withLibraries } from "../../remote";
import { exclusively, lockFile } from "../exclusion";
import { sh } from "../sh";

/** A job on a host: long work, named by what it produces, so that whoever wants the same joins it. */
export interface Job {
  /** Name of the systemd unit, without `.service`. */
  readonly unit: string;
  readonly description: string;
  /** What comes first, and ends the start if it fails. @default nothing */
  readonly prepare?: Script;
  /** A command that succeeds if the work is already done. As a condition it does not end at a line that fails. */
  readonly done: Script;
  /** What the unit runs. It must hold no secret: everyone on the host can read a unit. */
  readonly script: Script;
  /** Whether its output goes to a file that only root can read: more people can read the journal. @default false */
  readonly private?: boolean;
  /** Runs after the script, however it ended, even if it was killed: removes what is unfinished. */
  readonly cleanUp?: Script;
  /** Whether to run it once more if the host was rebooted meanwhile, because it begins from scratch. @default false */
  readonly restarts?: boolean;
}

/** How often a follower reports that it is still there. */
export const HEARTBEAT_SECONDS = 10;

const LOCK_SECONDS = 120;
/** How long the result of a run can still be asked for at least; longer than any run. */
const KEPT_SECONDS = 24 * 3600;
const LONGEST_SECONDS = 6 * 3600;
export const STATUS = "/run/pulumi-nspawn/units";
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * Checks and starts under a lock, so that there is only one run however many want it. Answers `following` with the
 * invocation ID of the run and the boot ID of the host, or nothing if the work is already done.
 *
 * A unit that succeeded stays `active (exited)` and one that failed stays `failed`, and both keep their name, so they
 * are cleared before a new start. The invocation ID identifies the run, and a file of that name holds its result,
 * because a unit that is gone looks like one that succeeded.
 */
export function startUnit(job: Job): Script {
  const unit = `${job.unit}.service`;
  const properties = {
    RemainAfterExit: "yes",
    PrivateMounts: "yes",
    PrivateTmp: "yes",
    Delegate: "yes",
    RuntimeMaxSec: `${LONGEST_SECONDS}`,
    StandardInput: "data",
    StandardInputData: Buffer.from(payload(job)).toString("base64"),
    // It gets the same input.
    ...(job.cleanUp && { ExecStopPost: "/bin/sh" }),
  };
  const flags = Object.entries(properties).flatMap(([key, value]) => ["-p", `${key}=${value}`]);
  const ensure = sh`
${job.prepare ?? sh`:`}
if ! { ${job.done}; }; then
  case "$(systemctl show -p SubState --value ${unit})" in
    running | start*) ;;
    *)
      systemctl stop ${unit} 2>/dev/null || :
      systemctl reset-failed ${unit} 2>/dev/null || :
      job_sweep ${KEPT_SECONDS}
      systemd-run --quiet --unit=${unit} --description=${job.description} ${flags} sh ;;
  esac
  answer following "$(systemctl show -p InvocationID --value ${unit})" "$(cat ${BOOT_ID})"
fi
`;
  return lines([sh`mkdir -p ${STATUS}`, exclusively(job.unit, LOCK_SECONDS, ensure)]);
}

/**
 * The shell reads the whole script before it runs it, so that no command can consume the rest. The journal must have
 * the output before the unit fails: what arrives later is recorded without the invocation ID, which systemd has
 * forgotten by then. Only what runs after the script knows a result of the service (systemd.exec(5)); after a success
 * it has nothing to do.
 */
export function payload({ script, cleanUp = sh`:`, private: secluded }: Job): string {
  return sh`{
${secluded ? sh`( umask 077; : >>${STATUS}/"$INVOCATION_ID.log" ); exec >>${STATUS}/"$INVOCATION_ID.log"` : sh`:`}
( set -e
LC_ALL=C; export LC_ALL
${withLibraries(sh`
if [ -n "\${SERVICE_RESULT-}" ]; then
  [ "\${EXIT_CODE-} \${EXIT_STATUS-}" != 'exited 0' ] || exit 0
${cleanUp}
  exit 0
fi
${script}
`)}
) </dev/null 2>&1
job_status=$?
[ -z "\${SERVICE_RESULT-}" ] || exit "$job_status"
if [ "$job_status" != 0 ]; then
${printDisks}
timeout 20 journalctl --sync || :
fi
mkdir -p ${STATUS}
[ -e ${STATUS}/"$INVOCATION_ID" ] || { echo "$job_status" >${STATUS}/"$INVOCATION_ID.new" && mv ${STATUS}/"$INVOCATION_ID.new" ${STATUS}/"$INVOCATION_ID"; }
exit "$job_status"
}
`.text;
}

/** A run of a job, and the boot of the host in which it began. */
export interface StartedUnit {
  readonly invocation: string;
  readonly boot: string;
}

/**
 * Follows a run to its end: answers its progress, `heartbeat` every few seconds, and finally `ended` with the exit
 * status, `cancelled`, `killed` or `rebooted`, the end of its output if it failed, and systemd's word for its end.
 *
 * A follower holds a shared lock while it follows, so that others can count the followers.
 */
export function followUnit({ unit, private: secluded }: Job, { invocation, boot }: StartedUnit): Script {
  return sh`
job_unit=${`${unit}.service`}; job_invocation=${invocation}; job_boot=${boot}; job_private=${secluded ? "yes" : ""}
mkdir -p ${STATUS}
exec 8>>${STATUS}/"$job_invocation.followers"
flock -s 8
job_lines ${HEARTBEAT_SECONDS} | build_progress
exec 8>&-
job_result
job_clear ${lockFile(unit)}
`;
}

/** A stopped builder exits with the status of a real error, so the reason is recorded first. */
export function stopUnit(unit: string): Script {
  return sh`
job_unit=${`${unit}.service`}
job_invocation=$(systemctl show -p InvocationID --value "$job_unit")
[ -n "$job_invocation" ] || exit 0
job_followers=${STATUS}/"$job_invocation.followers"
if [ -e "$job_followers" ] && [ "$(grep -c "FLOCK .* READ .*:$(stat -c %i "$job_followers") " /proc/locks)" -gt 1 ]; then exit 0; fi
echo cancelled >${STATUS}/"$job_invocation"
systemctl stop "$job_unit"
`;
}
