import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Invocation } from "./command";
import type { Executor, Place } from "./executor";
import type { Exit } from "./exit";
import type { Output } from "./output";
import { Queue } from "./queue";
import { localUser } from "./tokens";

const queue = new Queue();
const executor: Executor = { exec: execLocally };

/** This machine. */
export function localPlace(): Place {
  return {
    name: "local",
    user: localUser(),
    isRoot: process.getuid?.() === 0,
    run: (limit, task) => queue.run(limit, () => task(executor)),
  };
}

/** Runs a command on this machine, in a process group of its own that is killed when it does not end in time. */
function execLocally(invocation: Invocation, milliseconds: number, output: Output): Promise<Exit> {
  const [program = "sh", ...args] = invocation.argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, stdio: "pipe", env: { ...process.env, LC_ALL: "C" } });
    const timer = setTimeout(() => {
      killGroup(child);
      settle(() => resolve({ abandoned: true }));
    }, milliseconds);
    let lingering: NodeJS.Timeout | undefined;
    const settle = (end: () => void) => {
      clearTimeout(timer);
      clearTimeout(lingering);
      closeStreams(child);
      output.end();
      end();
    };
    child.stdout.on("data", (chunk: Buffer) => output.addStdout(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.addStderr(chunk));
    // EPIPE: the command ended before it had read everything, and its exit status tells why.
    child.stdin.on("error", () => {});
    child.on("error", (error) => settle(() => reject(error)));
    child.on("exit", (status, signal) => {
      const exit: Exit = { status: status ?? undefined, signal: signal ?? undefined };
      // A process that the script left behind may hold stdout open for ever.
      lingering = setTimeout(() => settle(() => resolve(exit)), LINGER_MILLISECONDS);
    });
    child.on("close", (status, signal) => {
      settle(() => resolve({ status: status ?? undefined, signal: signal ?? undefined }));
    });
    child.stdin.end(invocation.stdin);
  });
}

/** How long output may still come after the command itself has ended. */
export const LINGER_MILLISECONDS = 2000;

function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Gone already, or root's: then `timeout` beside it is what ends it.
  }
}

function closeStreams(child: ChildProcessWithoutNullStreams): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
}
