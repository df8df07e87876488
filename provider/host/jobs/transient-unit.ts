import { setTimeout as pause } from "node:timers/promises";
import {
  type Answer,
  CommandError,
  DeadlineError,
  first,
  HostError,
  run,
  type Target,
  UnreachableError,
} from "../../remote";
import { reportSilence } from "./silence";
import { followUnit, HEARTBEAT_SECONDS, type Job, startUnit, stopUnit } from "./transient-unit-scripts";

export type { Job } from "./transient-unit-scripts";

export interface JobOptions {
  readonly attempt: string;
  /** Seconds after which following ends; the unit continues, and the next `up` joins it. */
  readonly timeoutSeconds: number;
  readonly onAnswer: (answer: Answer) => void;
}

export type JobResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly cancelled: boolean; readonly log: string; readonly unit: string };

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
  let invocation: string | undefined;
  const report = reportSilence(HEARTBEAT_SECONDS, onAnswer);
  for (let fruitless = 0; ; ) {
    try {
      if (invocation === undefined) {
        const timeoutSeconds = Math.min(START_SECONDS, secondsLeft());
        invocation = first(await run(target, startUnit(job), { attempt, timeoutSeconds, retry: true }), "following");
        if (invocation === undefined) return { ok: true };
      }
      const answers = await run(target, followUnit(job, invocation), {
        attempt,
        timeoutSeconds: secondsLeft(),
        silenceSeconds: SILENCE_SECONDS,
        onAnswer: (answer) => {
          if (answer.key === "heartbeat") fruitless = 0;
          report(answer);
        },
      });
      return resultOf(job, answers);
    } catch (error) {
      const late = performance.now() >= until;
      if (late && error instanceof DeadlineError && invocation !== undefined) throw stillRunning(job, options, error);
      fruitless += 1;
      if (late || fruitless >= FRUITLESS || !isLost(error, invocation !== undefined)) throw error;
      onAnswer({ key: "progress", values: [`following it again: ${error.parts.happened}`] });
      await pause(PAUSE_MS * fruitless);
    }
  }
}

/**
 * Whether only the following has ended: because of the connection, silence, or because somebody ended its script. A
 * start is only tried again if it hung: any other reason to fail would still be there.
 */
function isLost(error: unknown, started: boolean): error is HostError {
  if (error instanceof DeadlineError) return true;
  return started && (error instanceof UnreachableError || error instanceof CommandError);
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
  const [status, log = ""] = answers.findLast((answer) => answer.key === "ended")?.values ?? [];
  if (status === "0") return { ok: true };
  return { ok: false, cancelled: status === "cancelled", log, unit: `${job.unit}.service` };
}
