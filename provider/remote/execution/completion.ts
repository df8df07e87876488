import type { Deadlines, Exit } from "./exit";

/**
 * How long output may still arrive after the command itself has ended: a process that it left behind may hold the
 * output open for ever.
 */
const LINGER_MILLISECONDS = 2000;

/**
 * The completion of one command, settled once by whatever happens first: exit, error, time-out, too long a silence, or
 * too much output.
 */
export class Completion {
  readonly promise: Promise<Exit>;
  private resolve: (exit: Exit) => void = () => {};
  private reject: (error: Error) => void = () => {};
  private readonly deadline: NodeJS.Timeout;
  private readonly silence: NodeJS.Timeout | undefined;
  private lingering: NodeJS.Timeout | undefined;
  private exit: Exit | undefined;
  private settled = false;

  /** Whether nobody waits any longer. */
  get isSettled(): boolean {
    return this.settled;
  }

  constructor(
    deadlines: Deadlines,
    private readonly cleanUp: () => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const giveUp = (abandoned: "late" | "silent") => this.abandon(abandoned);
    this.deadline = setTimeout(giveUp, deadlines.total, "late");
    if (deadlines.silence !== undefined) this.silence = setTimeout(giveUp, deadlines.silence, "silent");
  }

  /** The command has printed something. */
  heard(): void {
    if (!this.settled) this.silence?.refresh();
  }

  /** The command has ended; some of its output may still be on its way. */
  exited(exit: Exit): void {
    if (this.settled) return;
    this.exit = exit;
    this.lingering ??= setTimeout(() => this.closed(), LINGER_MILLISECONDS);
  }

  /** Everything has arrived. */
  closed(): void {
    this.settle(() => this.resolve(this.exit ?? {}));
  }

  /** Nobody listens to the command any longer. */
  abandon(abandoned: "late" | "silent" | "flooded"): void {
    this.settle(() => this.resolve({ abandoned }));
  }

  /** Whether it is known how the command ended. */
  get hasExited(): boolean {
    return this.exit !== undefined;
  }

  fail(error: Error): void {
    this.settle(() => this.reject(error));
  }

  private settle(end: () => void): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.deadline);
    clearTimeout(this.silence);
    clearTimeout(this.lingering);
    this.cleanUp();
    end();
  }
}
