import { spawn } from "node:child_process";
import { follow, signalGroup } from "./execution/child";
import type { Invocation } from "./execution/command";
import { Completion } from "./execution/completion";
import type { Endpoint, Executor } from "./execution/executor";
import type { Deadlines, Exit } from "./execution/exit";
import { writeInput } from "./execution/input";
import { Queue } from "./execution/queue";
import type { OutputParser } from "./script/output-parser";
import { localUser } from "./ssh-config/tokens";

const queue = new Queue();
const executor: Executor = { exec: execLocally };

/** This machine. */
export function localEndpoint(): Endpoint {
  return {
    name: "local",
    user: localUser(),
    isRoot: process.getuid?.() === 0,
    run: (limit, task) => queue.run(limit, () => task(executor)),
  };
}

/** Runs a command on this machine, in its own process group, which is killed if the command does not end in time. */
function execLocally(invocation: Invocation, deadlines: Deadlines, output: OutputParser): Promise<Exit> {
  const [program = "sh", ...args] = invocation.argv;
  const child = spawn(program, args, { detached: true, stdio: "pipe", env: environment() });
  const completion = new Completion(deadlines, () => {
    if (!completion.hasExited) signalGroup(child.pid, "SIGKILL");
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    output.end();
  });
  follow(child, completion, output);
  child.on("error", (error) => {
    output.addStderr(Buffer.from(error.message));
    completion.closed();
  });
  child.on("exit", (status, signal) => completion.exited({ status: status ?? undefined, signal: signal ?? undefined }));
  child.on("close", () => completion.closed());
  writeInput(child.stdin, invocation, output);
  return completion.promise;
}

// As little as a login over SSH would have: the environment of this process holds the user's secrets.
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, USER, LOGNAME } = process.env;
  return { PATH, HOME, USER, LOGNAME, LC_ALL: "C" };
}
