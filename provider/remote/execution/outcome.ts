import {
  CommandError,
  ConnectionLostError,
  DeadlineError,
  HostError,
  type HostErrorParts,
  RefusedError,
} from "../errors/host-error";
import { type Answer, first, REFUSED } from "../script/answers";
import { plainLines } from "../script/guest-lines";
import type { OutputParser } from "../script/output-parser";
import { NOT_ROOT, TIMED_OUT } from "../script/wrapper";
import type { Context } from "./context";
import { describeExit, type Exit, GRACE_SECONDS } from "./exit";
import { notStarted } from "./not-started";

/** The answers of an operation that succeeded; throws an error with the reason if it did not. */
export function answersOf(exit: Exit, output: OutputParser, context: Context): Answer[] {
  if (exit.abandoned === "flooded") throw flooded(output, context);
  if (exit.abandoned) throw abandoned(exit.abandoned, output, context);
  if (output.uid === undefined) throw notStarted(exit, output, context);
  if (output.uid !== 0 && exit.status === NOT_ROOT) throw notRoot(output.uid, context);
  // The status goes two ways; where they differ, the script was ended before it had reported.
  if (output.status === undefined || differs(exit, output.status)) throw cutShort(exit, output, context);
  if (output.status === 0) return output.answers;
  throw failed(output.status, output, context);
}

function abandoned(how: "late" | "silent", output: OutputParser, context: Context): ConnectionLostError {
  const happened =
    how === "silent"
      ? `nothing was heard from it for ${context.silenceSeconds} s`
      : `the host did not report how it ended within ${context.timeoutSeconds + GRACE_SECONDS} s, ${GRACE_SECONDS} s more than it was given`;
  return new ConnectionLostError(parts(context, happened, output));
}

function differs(exit: Exit, status: number): boolean {
  return exit.status !== undefined && exit.status !== status;
}

function flooded(output: OutputParser, context: Context): HostError {
  const happened = `something on the host printed ${output.excess} into the operation's output, and it was given up`;
  const advice = "Look there for what prints without end, end it, and run `pulumi up` again.";
  return new HostError({ ...parts(context, happened, output), advice });
}

function notRoot(uid: number, context: Context): CommandError {
  const advice = "Remove `become: false` from the connection to use sudo, or log in as root.";
  const happened = `${context.user} is not root there (uid ${uid})`;
  return new CommandError({ ...parts(context, happened), advice }, NOT_ROOT, "");
}

function cutShort(exit: Exit, output: OutputParser, context: Context): CommandError | DeadlineError {
  if (exit.status === TIMED_OUT || exit.status === KILLED || exit.signal === "SIGKILL") {
    const happened = `it was still running after ${context.timeoutSeconds} s and was stopped`;
    return new DeadlineError(parts(context, happened, output));
  }
  const happened = `the script was terminated from outside (${describeExit(exit)})`;
  return commandError(context, happened, exit.status, output);
}

// From timeout(1), if SIGTERM did not end the script.
const KILLED = 137;

function failed(status: number, output: OutputParser, context: Context): CommandError | RefusedError {
  const refusal = output.answers.filter((answer) => answer.key === "refused").at(-1);
  if (status !== REFUSED || !refusal) {
    return commandError(context, `the script ended with exit status ${status}`, status, output);
  }
  const [code = "", ...values] = refusal.values;
  const happened = `it was refused (${[code, ...values].join(", ")})`;
  return new RefusedError(parts(context, happened, output), code, values, disksOf(output));
}

function commandError(
  context: Context,
  happened: string,
  status: number | undefined,
  output: OutputParser,
): CommandError {
  const stderr = context.redact(`${output.stderr}`);
  return new CommandError(parts(context, happened, output), status, stderr, disksOf(output));
}

/** As they were first reported: later, what was unfinished has been removed. */
function disksOf(output: OutputParser): string {
  return first(output.answers, "disks") ?? "";
}

function parts(context: Context, happened: string, output?: OutputParser): HostErrorParts {
  const { attempted, host, redact } = context;
  const afterwards = output?.answers.findLast(({ key }) => key === "afterwards")?.values[0];
  return {
    attempted,
    host,
    happened: redact(happened),
    ...(afterwards !== undefined && { afterwards: redact(afterwards) }),
    details: plainLines(redact(`${output?.stderr ?? ""}`)),
  };
}
