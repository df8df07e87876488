import type { Executor, OnWaiting } from "./executor";

/** Why a connection was lost, and for how many seconds the host had been silent by then. */
export interface Loss {
  readonly why: string;
  readonly silentSeconds: number;
}

/** A logged-in connection to a host, whatever client made it. */
export interface Connected {
  readonly alive: boolean;
  /** How it was lost, if it was not closed here. */
  readonly lost: Loss | undefined;
  /** Ends it; whatever runs on it fails. */
  close(why: string): void;
  /**
   * Runs a task on it, and meanwhile keeps it open and the process running. `onWaiting` is called every few seconds while
   * the host does not answer.
   */
  use<T>(task: (executor: Executor) => Promise<T>, onWaiting?: OnWaiting): Promise<T>;
}

/** The connection ended before the command did. */
export class LinkLost extends Error {}

/** The host refused to open another session on the connection. */
export class NoChannel extends Error {}
