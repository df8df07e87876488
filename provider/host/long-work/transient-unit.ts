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
import { tellSilence } from "./silence";
import { followUnit, HEARTBEAT_SECONDS, type LongWork, startUnit, stopUnit } from "./transient-unit-scripts";

export type { LongWork } from "./transient-unit-scripts";

export interface WorkOptions {
  readonly attempt: string;
  /** Seconds after which following ends; the unit continues, and the next `up` joins it. */
  readonly timeoutSeconds: number;
  readonly onAnswer: (answer: Answer) => void;
}

export type WorkResult =
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
  readonly work: LongWork;
  readonly listeners: Set<(answer: Answer) => void>;
  readonly result: Promise<WorkResult>;
}

const followed = new Map<string, Following>();

/**
 * Does long work in a transient unit of the host's systemd: starts it, or joins it if it already runs for another
 * resource, process or person. If following is lost or goes silent, it starts again; the unit does not notice.
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

/** Stops what only this process follows; for the second ^C, after which the engine kills the process. */
export async function stopLongWork(): Promise<void> {
  const options = { attempt: "stop the work on the host", timeoutSeconds: 4 };
  await Promise.allSettled(
    [...followed.values()].map(({ target, work }) => run({ ...target, parallel: 9 }, stopUnit(work.unit), options)),
  );
}

async function follow(
  target: Target,
  work: LongWork,
  options: WorkOptions,
  onAnswer: (answer: Answer) => void,
): Promise<WorkResult> {
  const { attempt } = options;
  const until = Date.now() + options.timeoutSeconds * 1000;
  const secondsLeft = () => Math.max(1, (until - Date.now()) / 1000);
  let invocation: string | undefined;
  const tell = tellSilence(HEARTBEAT_SECONDS, onAnswer);
  for (let fruitless = 0; ; ) {
    try {
      if (invocation === undefined) {
        const timeoutSeconds = Math.min(START_SECONDS, secondsLeft());
        invocation = first(await run(target, startUnit(work), { attempt, timeoutSeconds, retry: true }), "following");
        if (invocation === undefined) return { ok: true };
      }
      const answers = await run(target, followUnit(work, invocation), {
        attempt,
        timeoutSeconds: secondsLeft(),
        silenceSeconds: SILENCE_SECONDS,
        onAnswer: (answer) => {
          if (answer.key === "heartbeat") fruitless = 0;
          tell(answer);
        },
      });
      return resultOf(work, answers);
    } catch (error) {
      const late = Date.now() >= until;
      if (late && error instanceof DeadlineError && invocation !== undefined) throw stillRunning(work, options, error);
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

function stillRunning(work: LongWork, options: WorkOptions, error: DeadlineError): HostError {
  return new HostError({
    ...error.parts,
    happened: `it was not finished after ${options.timeoutSeconds} s; it continues on the host`,
    advice: `The next \`pulumi up\` resumes it there. To allow more time, set \`timeouts\`.${work.private ? "" : ` Its output: journalctl -u ${work.unit}.service`}`,
    details: undefined,
    cause: error,
  });
}

function resultOf(work: LongWork, answers: readonly Answer[]): WorkResult {
  const [status, log = ""] = answers.findLast((answer) => answer.key === "ended")?.values ?? [];
  if (status === "0") return { ok: true };
  return { ok: false, cancelled: status === "cancelled", log, unit: `${work.unit}.service` };
}
