import { HostError, RefusedError, type Script, sh } from "../remote";

/** Answers the host's machine-id(5) and refuses with `other-host` where it is not the one that was recorded. */
export function identify(expected: string | undefined): Script {
  return sh`
host_machine_id=$(cat /etc/machine-id)
answer machine-id "$host_machine_id"
[ -z ${expected ?? ""} ] || [ "$host_machine_id" = ${expected ?? ""} ] || refuse other-host "$host_machine_id" ${expected ?? ""}
`;
}

/** Another machine answers at a host's address than the one that was recorded. */
export class OtherHostError extends HostError {}

/** The message for a host that is not the one the state was made on; any other error as it is. */
export function explainOtherHost(error: unknown): unknown {
  if (!(error instanceof RefusedError) || error.code !== "other-host") return error;
  const [found = "", recorded = ""] = error.values;
  return new OtherHostError({
    ...error.parts,
    happened: `another machine answers at this address: its machine-id is ${found}, the recorded one is ${recorded}`,
    advice:
      "If the host was replaced on purpose, give the Host another `instance` (for example the VM's id), which replaces " +
      "everything on it. If not, the address points to the wrong machine.",
    cause: error,
  });
}
