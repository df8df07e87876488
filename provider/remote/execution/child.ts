import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { OutputParser } from "../script/output-parser";
import type { Completion } from "./completion";

/** Passes on what a process prints, as long as anybody waits for its end. */
export function follow(child: ChildProcessWithoutNullStreams, completion: Completion, output: OutputParser): void {
  output.whenExceeded(() => completion.abandon("flooded"));
  child.stdout.on("data", (chunk: Buffer) => {
    completion.heard();
    output.addStdout(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => output.addStderr(chunk));
  // EPIPE: the command ended before it had read everything, and its exit status shows why.
  child.stdin.on("error", () => {});
}

/** Signals a process that leads its group (`detached`), and all that it started. */
export function signalGroup(pid: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has already ended, or runs as root: then the `timeout` around it ends it.
  }
}
