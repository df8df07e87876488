import { spawn } from "node:child_process";
import { quote } from "shlex";
import { messageOf } from "../errors/unknown-error";
import { follow } from "../execution/child";
import type { Invocation } from "../execution/command";
import { Completion } from "../execution/completion";
import type { Executor } from "../execution/executor";
import type { Deadlines, Exit } from "../execution/exit";
import { writeInput } from "../execution/input";
import { type Connected, LinkLost, type Loss, NoChannel } from "../execution/link";
import type { OutputParser } from "../script/output-parser";
import { Master, type MasterOptions, sharingArguments } from "./master";

/** Seconds after which an unused connection is closed. */
const IDLE_SECONDS = 10;

/** The exit status of an ssh that failed itself (ssh(1)). */
const SSH_FAILED = 255;

/** What a shared ssh says if sshd opens no further session (MaxSessions). */
const NO_SESSION = /.*(?:session request failed|session open refused|no more sessions).*/i;

/** How long after a session the end of its connection may become known, in milliseconds. */
const LAST_WORDS_MILLISECONDS = 1000;

/** A connection of the user's own ssh, and its users. It only keeps the process running while something runs on it. */
export class OpensshLink implements Executor, Connected {
  private readonly listeners = new Set<(why: string) => void>();
  private why: string | undefined;
  private loss: Loss | undefined;
  private users = 0;
  private idle: NodeJS.Timeout | undefined;

  private constructor(private readonly master: Master) {
    master.whenEnded((why) => this.finish(why));
    this.startIdling();
  }

  /** @throws DialFailure */
  static async dial(options: MasterOptions): Promise<OpensshLink> {
    return new OpensshLink(await Master.start(options));
  }

  get alive(): boolean {
    return this.why === undefined;
  }

  /** How it was lost, if it was not closed here. */
  get lost(): Loss | undefined {
    return this.loss;
  }

  /** Ends the connection; whatever runs on it fails. */
  close(why: string): void {
    this.end(why);
    this.master.end();
  }

  /** Runs a task on the connection, and meanwhile keeps the connection open and the process running. */
  async use<T>(task: (link: OpensshLink) => Promise<T>): Promise<T> {
    this.users += 1;
    clearTimeout(this.idle);
    this.master.setBusy(true);
    try {
      return await task(this);
    } finally {
      this.users -= 1;
      if (this.users === 0 && this.alive) this.startIdling();
    }
  }

  /** Runs a command in a session of its own. */
  exec({ argv, ...input }: Invocation, deadlines: Deadlines, output: OutputParser): Promise<Exit> {
    const command = argv.map((word) => quote(word)).join(" ");
    const child = spawn("ssh", sharingArguments(this.master.controlPath, command), { stdio: "pipe", detached: true });
    const completion = new Completion(deadlines, () => {
      this.listeners.delete(lost);
      if (!completion.hasExited) child.kill("SIGKILL");
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      output.end();
    });
    const lost = (why: string) => completion.fail(new LinkLost(why));
    this.listeners.add(lost);
    follow(child, completion, output);
    child.on("error", (error) => completion.fail(new LinkLost(messageOf(error))));
    child.on("close", (status, signal) => {
      const exited = () => {
        completion.exited({ status: status ?? undefined, signal: signal ?? undefined });
        completion.closed();
      };
      if (status !== SSH_FAILED || output.status !== undefined) return exited();
      const refusal = NO_SESSION.exec(`${output.stderr}`);
      if (refusal !== null) return completion.fail(new NoChannel(refusal[0]));
      // It may have been lost with its connection, whose end is known a moment later.
      setTimeout(exited, LAST_WORDS_MILLISECONDS);
    });
    writeInput(child.stdin, { argv, ...input }, output);
    return completion.promise;
  }

  private startIdling(): void {
    this.master.setBusy(false);
    this.idle = setTimeout(() => this.close("it was idle"), IDLE_SECONDS * 1000).unref();
  }

  private finish(why: string): void {
    if (this.why === undefined) this.loss = { why, silentSeconds: 0 };
    this.end(why);
  }

  private end(why: string): void {
    if (this.why !== undefined) return;
    this.why = why;
    clearTimeout(this.idle);
    for (const listener of [...this.listeners]) listener(why);
  }
}
