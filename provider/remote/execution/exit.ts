/** How a command on a host ended. */
export interface Exit {
  readonly status?: number;
  readonly signal?: string;
  /** It was given up here because it did not end in time there. */
  readonly abandoned?: boolean;
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
