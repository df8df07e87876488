/** What an error about a host tells: every sentence the user reads is made from these. */
export interface HostErrorParts {
  /** What was attempted, as a verb phrase: `start the machine "web"`. */
  readonly attempted: string;
  /** Where: `ops@web1.example.com:22`. */
  readonly host: string;
  /** What happened, one sentence without its full stop. */
  readonly happened: string;
  /** What the user can do about it: one or more whole sentences. */
  readonly advice?: string;
  /** Lines worth reading whole: the end of stderr, the journal, apt's own line. */
  readonly details?: string;
  readonly cause?: unknown;
}

/** The one error class for whatever fails on a host or on the way to it. */
export class HostError extends Error {
  readonly parts: HostErrorParts;

  constructor(parts: HostErrorParts) {
    const details = parts.details?.trim();
    const head = `could not ${parts.attempted} on ${parts.host}: ${parts.happened}.`;
    super(
      [parts.advice ? `${head} ${parts.advice}` : head, ...(details ? [indent(details)] : [])].join("\n"),
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.name = new.target.name;
    this.parts = parts;
  }
}

/** The host did not answer: the only failure to which `onUnreachable` applies. */
export class UnreachableError extends HostError {}

/** The host is not the one it should be, or nobody knows yet which it is. */
export class HostKeyError extends HostError {}

/** The host answered and refused the login. */
export class AuthenticationError extends HostError {}

/** A script was still running at its deadline and was stopped, on the host too. */
export class DeadlineError extends HostError {}

/** A script looked at the host and would not go on. `code` names the reason, `values` what it saw. */
export class RefusedError extends HostError {
  constructor(
    parts: HostErrorParts,
    readonly code: string,
    readonly values: readonly string[],
  ) {
    super(parts);
  }
}

/** A command in a script failed. */
export class CommandError extends HostError {
  constructor(
    parts: HostErrorParts,
    readonly exitStatus: number | undefined,
    readonly stderr: string,
  ) {
    super(parts);
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
