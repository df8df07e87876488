import type { ClientChannel } from "ssh2";
import { messageOf } from "../errors/unknown-error";
import type { Invocation } from "../execution/command";
import type { Executor, OnWaiting } from "../execution/executor";
import type { Deadlines, Exit } from "../execution/exit";
import type { Connected, Loss } from "../execution/link";
import type { OutputParser } from "../script/output-parser";
import { describeResolved, type ResolvedConnection } from "../ssh-config/resolved-connection";
import type { Session } from "./dial";
import { execOverSsh } from "./exec";
import { Pulse } from "./pulse";
import { Sessions } from "./sessions";
import type { Transport } from "./transport";

/** Seconds after which an unused connection is closed. */
const IDLE_SECONDS = 10;

/** A logged-in connection and its users. It only keeps the process running while something runs on it. */
export class Link implements Executor, Connected {
  readonly sessions: Sessions;
  private readonly listeners = new Set<(why: string) => void>();
  private why: string | undefined;
  private loss: Loss | undefined;
  private users = 0;
  private busy = 0;
  private idle: NodeJS.Timeout | undefined;
  private readonly pulse: Pulse;
  private readonly waiting = new Set<OnWaiting>();

  constructor(
    resolved: ResolvedConnection,
    private readonly session: Session,
    private readonly parent: Link | undefined,
  ) {
    parent?.hold();
    this.pulse = new Pulse(resolved.keepAlive, {
      ask: (answered) => this.ask(answered),
      silent: (seconds) => this.tell(`${describeResolved(resolved)} has not answered for ${seconds} s`),
      back: () => this.tell(`${describeResolved(resolved)} answers again`),
      lost: (seconds) => this.finish(`the host did not answer for ${seconds} s`, seconds),
    });
    const { client, transport } = session;
    this.sessions = new Sessions(client);
    client.on("error", (error: Error) => this.finish(error.message));
    client.on("close", () => this.finish("the host closed it"));
    transport.stream.on("close", () => this.finish("the host closed it"));
    transport.setBusy(false);
    this.startIdling();
  }

  get alive(): boolean {
    return this.why === undefined;
  }

  /** How it was lost, if it was not closed here. */
  get lost(): Loss | undefined {
    return this.loss;
  }

  /** Calls back when the connection ends, at once if it has ended; returns a function that cancels this. */
  whenEnded(listener: (why: string) => void): () => void {
    if (this.why !== undefined) process.nextTick(listener, this.why);
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends the connection; whatever runs on it fails. */
  close(why: string): void {
    this.session.client.end();
    this.end(why);
  }

  exec(invocation: Invocation, deadlines: Deadlines, output: OutputParser): Promise<Exit> {
    return execOverSsh(this, invocation, deadlines, output);
  }

  /** Keeps the connection open, but not the process running: for a connection that goes through this one. */
  hold(): void {
    this.users += 1;
    clearTimeout(this.idle);
  }

  release(): void {
    this.users -= 1;
    if (this.users === 0 && this.alive) this.startIdling();
  }

  /**
   * Runs a task on the connection, and meanwhile keeps the connection open and the process running. Says every few
   * seconds that the host does not answer.
   */
  async use<T>(task: (link: Link) => Promise<T>, onWaiting?: OnWaiting): Promise<T> {
    this.hold();
    this.occupy();
    if (onWaiting !== undefined) this.waiting.add(onWaiting);
    try {
      return await task(this);
    } finally {
      if (onWaiting !== undefined) this.waiting.delete(onWaiting);
      this.vacate();
      this.release();
    }
  }

  /** Opens a stream through this host to another. */
  forward(host: string, port: number): Promise<Transport> {
    return new Promise((resolve, reject) => {
      this.session.client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
        if (error) reject(error);
        else resolve(this.transportOf(channel));
      });
    });
  }

  private transportOf(stream: ClientChannel): Transport {
    let occupied = true;
    const setBusy = (busy: boolean) => {
      if (busy === occupied) return;
      occupied = busy;
      if (busy) this.occupy();
      else this.vacate();
    };
    this.occupy();
    const destroy = () => {
      setBusy(false);
      stream.destroy();
    };
    return { stream, setBusy, destroy, notes: async () => "" };
  }

  private occupy(): void {
    this.busy += 1;
    if (this.busy > 1) return;
    this.session.transport.setBusy(true);
    this.pulse.start();
  }

  private vacate(): void {
    this.busy -= 1;
    if (this.busy > 0) return;
    this.session.transport.setBusy(false);
    this.pulse.stop();
  }

  private startIdling(): void {
    this.idle = setTimeout(() => this.close("it was idle"), IDLE_SECONDS * 1000).unref();
  }

  private tell(text: string): void {
    for (const onWaiting of this.waiting) onWaiting(text);
  }

  // Any request will do: sshd answers that there is no such forwarding.
  private ask(answered: () => void): void {
    try {
      this.session.client.unforwardIn("127.0.0.1", 1, answered);
    } catch (error) {
      this.finish(messageOf(error));
    }
  }

  private finish(why: string, silentSeconds = 0): void {
    if (this.why === undefined) this.loss = { why, silentSeconds };
    this.end(why);
  }

  private end(why: string): void {
    if (this.why !== undefined) return;
    this.why = why;
    clearTimeout(this.idle);
    this.pulse.stop();
    this.session.transport.destroy();
    this.parent?.release();
    for (const listener of [...this.listeners]) listener(why);
  }
}
