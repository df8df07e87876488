import { type Answer, first, HostError, type HostErrorParts, RefusedError, type Script } from "../remote";
import { sh } from "./sh";

/** Answers the host's machine-id(5), and refuses with `other-host` if it is not the recorded one. */
export function identify(expected: string | undefined): Script {
  return sh`
host_machine_id=$(cat /etc/machine-id)
answer machine-id "$host_machine_id"
[ -z ${expected ?? ""} ] || [ "$host_machine_id" = ${expected ?? ""} ] || refuse other-host "$host_machine_id" ${expected ?? ""}
`;
}

/** The machine that answers at a host's address is not the recorded one. */
export class OtherHostError extends HostError {}

/** The message for a host that is not the one in the state; any other error is returned unchanged. */
export function explainOtherHost(error: unknown): unknown {
  if (!(error instanceof RefusedError) || error.code !== "other-host") return error;
  const [found = "", recorded = ""] = error.values;
  return otherHost({ ...error.parts, cause: error }, found, recorded);
}

/**
 * Checks what a host answered about itself.
 *
 * @throws OtherHostError if its machine-id is not the recorded one.
 */
export function expectHost(
  context: Pick<HostErrorParts, "attempted" | "host">,
  answers: readonly Answer[],
  recorded: string | undefined,
): void {
  const found = first(answers, "machine-id");
  if (recorded !== undefined && found !== undefined && found !== recorded) throw otherHost(context, found, recorded);
}

function otherHost(context: Pick<HostErrorParts, "attempted" | "host" | "cause">, found: string, recorded: string) {
  return new OtherHostError({
    ...context,
    happened: `another machine answers at this address: its machine-id is ${found}, the recorded one is ${recorded}`,
    advice:
      "If the host was replaced on purpose, give the Host another `instance` (for example the VM's id), which replaces " +
      "everything on it. If not, the address points to the wrong machine.",
  });
}
