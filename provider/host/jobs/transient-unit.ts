import { setTimeout as pause } from "node:timers/promises";
import {
  type Answer,
  CommandError,
  ConnectionLostError,
  DeadlineError,
  HostError,
  type RunOptions,
  run,
  type Target,
} from "../../remote";
import { reportSilence } from "./silence";
import {
  followUnit,
  HEARTBEAT_SECONDS,
  type Job,
  type StartedUnit,
  startUnit,
  stopUnit,
} from "./transient-unit-scripts";

export type { Job } from "./transient-unit-scripts";

export interface JobOptions {
  readonly attempt: string;
  /** Seconds after which following ends; the unit continues, and the next `up` joins it. */
  readonly timeoutSeconds: number;
  readonly onAnswer: (answer: Answer) => void;
}

export type JobResult =
  | { readonly ok: true }
  | ({ readonly ok: false; readonly log: string; readonly unit: string } & JobEnd);

/** How a job ended that did not succeed; without any of these, its script failed. */
export interface JobEnd {
  /** Somebody stopped it. */
  readonly cancelled: boolean;
  /** The host was rebooted meanwhile. */
  readonly rebooted: boolean;
  /** systemd's word for what killed it, as in `systemctl show -p Result`. */
  readonly killed: string | undefined;
}

/** How many times in a row following may end before its first heartbeat. */
const FRUITLESS = 5;
const PAUSE_MS = 1000;
/** Starting takes a second; a start that hangs must not hold its lock for as long as the work itself may take. */
const START_SECONDS = 180;
const SILENCE_SECONDS = 6 * HEARTBEAT_SECONDS;

interface Following {
  readonly target: Target;
  readonly job: Job;
  readonly listeners: Set<(answer: Answer) => void>;
  readonly result: Promise<JobResult>;
}

const followed = new Map<string, Following>();

/**
 * Runs a job in a transient unit of the host's systemd: starts it, or joins it if it already runs for another
 * resource, process or person. If following is lost or goes silent, it starts again; the unit does not notice.
 */
export async function runJob(target: Target, job: Job, options: JobOptions): Promise<JobResult> {
  const key = JSON.stringify([target.connection, job.unit]);
  const known = followed.get(key);
  if (known !== undefined) {
    known.listeners.add(options.onAnswer);
    return known.result;
  }
  const listeners = new Set([options.onAnswer]);
  const result = follow(target, job, options, (answer) => {
    for (const listener of listeners) listener(answer);
  }).finally(() => followed.delete(key));
  followed.set(key, { target, job, listeners, result });
  return result;
}

/** Stops what only this process follows; for the second ^C, after which the engine kills the process. */
export async function stopJobs(): Promise<void> {
  const options = { attempt: "stop the work on the host", timeoutSeconds: 4 };
  await Promise.allSettled(
    [...followed.values()].map(({ target, job }) => run({ ...target, parallel: 9 }, stopUnit(job.unit), options)),
  );
}

async function follow(
  target: Target,
  job: Job,
  options: JobOptions,
  onAnswer: (answer: Answer) => void,
): Promise<JobResult> {
  const { attempt } = options;
  const until = performance.now() + options.timeoutSeconds * 1000;
  const secondsLeft = () => Math.max(1, (until - performance.now()) / 1000);
  let started: StartedUnit | undefined;
  let restarts = job.restarts ? 1 : 0;
  const onWaiting = (text: string) => onAnswer({ key: "progress", values: [text] });
  const report = reportSilence(HEARTBEAT_SECONDS, onAnswer);
  for (let fruitless = 0; ; ) {
    try {
      started ??= await start(target, job, {
        attempt,
        timeoutSeconds: Math.min(START_SECONDS, secondsLeft()),
        retry: true,
        onWaiting,
      });
      if (started === undefined) return { ok: true };
      const answers = await run(target, followUnit(job, started), {
        attempt,
        timeoutSeconds: secondsLeft(),
        silenceSeconds: SILENCE_SECONDS,
        onAnswer: (answer) => {
          if (answer.key === "heartbeat") fruitless = 0;
          report(answer);
        },
        onWaiting,
      });
      const result = resultOf(job, answers);
      if (result.ok || !result.rebooted || restarts === 0) return result;
      restarts -= 1;
      started = undefined;
      onAnswer({ key: "progress", values: ["the host was rebooted; starting again"] });
    } catch (error) {
      const late = performance.now() >= until;
      if (late && error instanceof DeadlineError && started !== undefined) throw stillRunning(job, options, error);
      fruitless += 1;
      if (late || fruitless >= FRUITLESS || !isLost(error, started !== undefined)) throw error;
      onAnswer({ key: "progress", values: [`following it again: ${error.parts.happened}`] });
      await pause(PAUSE_MS * fruitless);
    }
  }
}

/** Starts it, or finds that it already runs; `undefined` if its work is done. */
async function start(target: Target, job: Job, options: RunOptions): Promise<StartedUnit | undefined> {
  const answers = await run(target, startUnit(job), options);
  const [invocation, boot = ""] = answers.find(({ key }) => key === "following")?.values ?? [];
  return invocation === undefined ? undefined : { invocation, boot };
}

/**
 * Whether only the following has ended: because of the connection, silence, or because somebody ended its script. A
 * start is only tried again if it hung: any other reason to fail would still be there. So it is if the host cannot be
 * reached any longer: that was tried for as long as it is allowed to take.
 */
function isLost(error: unknown, started: boolean): error is HostError {
  if (error instanceof DeadlineError) return true;
  return started && (error instanceof ConnectionLostError || error instanceof CommandError);
}

function stillRunning(job: Job, options: JobOptions, error: DeadlineError): HostError {
  return new HostError({
    ...error.parts,
    happened: `it was not finished after ${options.timeoutSeconds} s; it continues on the host`,
    advice: `The next \`pulumi up\` resumes it there. To allow more time, set \`timeouts\`.${job.private ? "" : ` Its output: journalctl -u ${job.unit}.service`}`,
    details: undefined,
    cause: error,
  });
}

function resultOf(job: Job, answers: readonly Answer[]): JobResult {
  const [status, log = "", result = ""] = answers.findLast((answer) => answer.key === "ended")?.values ?? [];
  if (status === "0") return { ok: true };
  return {
    ok: false,
    cancelled: status === "cancelled",
    rebooted: status === "rebooted",
    killed: status === "killed" ? result : undefined,
    log,
    unit: `${job.unit}.service`,
  };
}
