/** How a command on a host ended. */
export interface Exit {
  readonly status?: number;
  readonly signal?: string;
  /** It was given up here because it did not end in time there, or because nothing was heard of it. */
  readonly abandoned?: "late" | "silent";
}

/** How long a command is waited for here. */
export interface Patience {
  /** Milliseconds until it has ended. */
  readonly total: number;
  /** Milliseconds without a word of it; any silence is borne where it is absent. */
  readonly silence?: number;
}

/**
 * Seconds beyond the host's own deadline after which nobody waits for its word any more. That deadline begins only when
 * sshd and sudo have opened their sessions, and either may wait for logind or a name server.
 */
export const GRACE_SECONDS = 60;

/** An exit as it stands in messages. */
export function describeExit(exit: Exit): string {
  if (exit.signal) return `signal ${exit.signal.replace(/^SIG/, "")}`;
  return exit.status === undefined ? "no exit status" : `exit status ${exit.status}`;
}
