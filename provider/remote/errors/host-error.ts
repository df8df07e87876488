import { visible } from "./visible";

/** The parts of an error about a host: every sentence that the user reads is made from these. */
export interface HostErrorParts {
  /** What was attempted, as a verb phrase: `start the machine "web"`. */
  readonly attempted: string;
  /** Where: `ops@web1.example.com:22`. */
  readonly host: string;
  /** What happened: one sentence without a full stop. */
  readonly happened: string;
  /** What is so now, if the operation had begun to change things: one or more whole sentences. */
  readonly afterwards?: string;
  /** What the user can do about it: one or more whole sentences. */
  readonly advice?: string;
  /** Lines worth reading in full: the end of stderr, the journal, apt's own line. */
  readonly details?: string;
  readonly cause?: unknown;
}

/** The error class for everything that fails on a host or on the way to it. Its message can be shown as it is. */
export class HostError extends Error {
  readonly parts: HostErrorParts;

  constructor(parts: HostErrorParts) {
    const details = parts.details?.trim();
    const head = `could not ${parts.attempted} on ${parts.host}: ${parts.happened}.`;
    const sentences = [head, parts.afterwards, parts.advice].filter(Boolean).join(" ");
    super(
      visible([sentences, ...(details ? [indent(details)] : [])].join("\n")),
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.name = new.target.name;
    this.parts = parts;
  }
}

/** The host did not answer: the only failure to which `onUnreachable` applies. */
export class UnreachableError extends HostError {}

/** The connection to the host ended, or nothing came over it for too long, while an operation ran there. */
export class ConnectionLostError extends UnreachableError {}

/** The host is not the one it should be, or is not known yet. */
export class HostKeyError extends HostError {}

/** The host answered and refused the login. */
export class AuthenticationError extends HostError {}

/** A script was still running at its deadline and was stopped, also on the host. */
export class DeadlineError extends HostError {}

/** A script inspected the host and refused to continue. `code` names the reason, `values` has what it saw. */
export class RefusedError extends HostError {
  constructor(
    parts: HostErrorParts,
    readonly code: string,
    readonly values: readonly string[],
    /** The host's file systems when it refused, as `disks_list` prints them. */
    readonly disks = "",
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
    /** The host's file systems when it failed, as `disks_list` prints them. */
    readonly disks = "",
  ) {
    super(parts);
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
