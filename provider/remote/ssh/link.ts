import type { ClientChannel } from "ssh2";
import { messageOf } from "../errors/unknown-error";
import type { Invocation } from "../execution/command";
import type { Executor } from "../execution/executor";
import type { Deadlines, Exit } from "../execution/exit";
import type { OutputParser } from "../script/output-parser";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import type { Session } from "./dial";
import { execOverSsh } from "./exec";
import { Sessions } from "./sessions";
import type { Transport } from "./transport";

/** Seconds after which an unused connection is closed. */
const IDLE_SECONDS = 10;

/** A logged-in connection and its users. It only keeps the process running while something runs on it. */
export class Link implements Executor {
  readonly sessions: Sessions;
  private readonly listeners = new Set<(why: string) => void>();
  private why: string | undefined;
  private users = 0;
  private busy = 0;
  private idle: NodeJS.Timeout | undefined;
  private pulse: NodeJS.Timeout | undefined;
  private unanswered = 0;

  constructor(
    private readonly resolved: ResolvedConnection,
    private readonly session: Session,
    private readonly parent: Link | undefined,
  ) {
    parent?.hold();
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

  /** Calls back when the connection ends, at once if it has ended; returns a function that cancels this. */
  whenEnded(listener: (why: string) => void): () => void {
    if (this.why !== undefined) process.nextTick(listener, this.why);
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends the connection; whatever runs on it fails. */
  close(why: string): void {
    this.session.client.end();
    this.finish(why);
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

  /** Runs a task on the connection, and meanwhile keeps the connection open and the process running. */
  async use<T>(task: (link: Link) => Promise<T>): Promise<T> {
    this.hold();
    this.occupy();
    try {
      return await task(this);
    } finally {
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
    this.startPulse();
  }

  private vacate(): void {
    this.busy -= 1;
    if (this.busy > 0) return;
    this.session.transport.setBusy(false);
    clearInterval(this.pulse);
  }

  private startIdling(): void {
    this.idle = setTimeout(() => this.close("it was idle"), IDLE_SECONDS * 1000).unref();
  }

  // ssh2's own keep-alive would keep the process running, and needs no more than this.
  private startPulse(): void {
    const { seconds, count } = this.resolved.keepAlive;
    if (seconds === 0) return;
    this.unanswered = 0;
    this.pulse = setInterval(() => {
      if (this.unanswered >= count) return this.finish(`the host did not answer for ${seconds * count} s`);
      this.unanswered += 1;
      this.ask();
    }, seconds * 1000).unref();
  }

  // Any request will do: sshd answers that there is no such forwarding.
  private ask(): void {
    try {
      this.session.client.unforwardIn("127.0.0.1", 1, () => {
        this.unanswered = 0;
      });
    } catch (error) {
      this.finish(messageOf(error));
    }
  }

  private finish(why: string): void {
    if (this.why !== undefined) return;
    this.why = why;
    clearTimeout(this.idle);
    clearInterval(this.pulse);
    this.session.transport.destroy();
    this.parent?.release();
    for (const listener of [...this.listeners]) listener(why);
  }
}
