/** How a command on a host ended. */
export interface Exit {
  readonly status?: number;
  readonly signal?: string;
  /** It was given up here, because it did not end there in time, because it was silent, or because it printed too much. */
  readonly abandoned?: "late" | "silent" | "flooded";
}

/** How long to wait for a command here. */
export interface Deadlines {
  /** Milliseconds until it must have ended. */
  readonly total: number;
  /** Milliseconds without output; if absent, any silence is tolerated. */
  readonly silence?: number;
}

/**
 * Seconds beyond the host's own deadline after which we no longer wait for its answer. That deadline only begins once
 * sshd and sudo have opened their sessions, and either may wait for logind or a name server.
 */
export const GRACE_SECONDS = 60;

/** An exit as shown in messages. */
export function describeExit(exit: Exit): string {
  if (exit.signal) return `signal ${exit.signal.replace(/^SIG/, "")}`;
  return exit.status === undefined ? "no exit status" : `exit status ${exit.status}`;
}
