import type { ResolvedConnection } from "../ssh-config/resolved-connection";

/** How often a silence is reported, and how long it must be for that. */
const REPORT_SECONDS = 5;

interface Listener {
  /** Asks the host something, and calls back when it answers. */
  readonly ask: (answered: () => void) => void;
  /** The host has been silent for so long. */
  readonly silent: (seconds: number) => void;
  /** The host answers again, after a silence that was reported. */
  readonly back: () => void;
  /** The host has been silent for too long. */
  readonly lost: (seconds: number) => void;
}

/**
 * Finds out whether a host still answers. Time is counted by ticks, so that a computer that slept, or was busy, does
 * not take that for silence of the host. ssh2's own keep-alive would keep the process running, and reports nothing.
 */
export class Pulse {
  private timer: NodeJS.Timeout | undefined;
  private seconds = 0;
  private asked = 0;
  /** When the oldest question was asked that has no answer. */
  private since: number | undefined;
  /** The silence that was reported last. */
  private reported = 0;

  constructor(
    private readonly keepAlive: ResolvedConnection["keepAlive"],
    private readonly listener: Listener,
  ) {}

  start(): void {
    if (this.keepAlive.seconds === 0) return;
    const tick = Math.min(1, this.keepAlive.seconds);
    this.seconds = 0;
    this.asked = 0;
    this.since = undefined;
    this.reported = 0;
    this.timer = setInterval(() => this.tick(tick), tick * 1000).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(step: number): void {
    const { seconds, count } = this.keepAlive;
    this.seconds += step;
    const silent = this.since === undefined ? 0 : this.seconds - this.since;
    if (silent >= seconds * count) this.listener.lost(seconds * count);
    else if (silent >= this.reported + REPORT_SECONDS) this.report(Math.floor(silent));
    if (this.seconds - this.asked >= seconds) this.askNow();
  }

  private askNow(): void {
    this.asked = this.seconds;
    this.since ??= this.seconds;
    this.listener.ask(() => this.answered());
  }

  private answered(): void {
    this.since = undefined;
    if (this.reported > 0) this.listener.back();
    this.reported = 0;
  }

  private report(seconds: number): void {
    this.reported = seconds;
    this.listener.silent(seconds);
  }
}
