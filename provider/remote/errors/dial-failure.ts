import { AuthenticationError, HostError, type HostErrorParts, HostKeyError, UnreachableError } from "./host-error";

/** Why a login to a host failed, without the operation that wanted it: many may wait for one login. */
export class DialFailure extends Error {
  constructor(
    readonly kind: "unreachable" | "hostKey" | "authentication" | "configuration",
    readonly parts: Pick<HostErrorParts, "happened" | "advice" | "details">,
    /** Whether another try could have a different result. */
    readonly again = false,
  ) {
    super(parts.happened);
  }

  /** The same as the error of one operation. */
  toError(attempted: string, host: string): HostError {
    const parts = { ...this.parts, attempted, host };
    switch (this.kind) {
      case "unreachable":
        return new UnreachableError(parts);
      case "hostKey":
        return new HostKeyError(parts);
      case "authentication":
        return new AuthenticationError(parts);
      case "configuration":
        return new HostError(parts);
    }
  }
}
