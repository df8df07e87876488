import type { HostRef, OnHost } from "../on-host";

/**
 * Which host a fragment is of: two resources on one host have the same, whatever user or jump host they reach it by. The instance
 * says it where there is one, since an address may change; else the address does.
 */
export function hostIdentity({ instance, connection }: HostRef | OnHost["host"]): string {
  return instance ?? `${connection.host}:${connection.port ?? 22}`;
}

/** Why a fragment cannot be a machine's: it is of another host. `undefined` where it is of the same. */
export function refuseForeign(what: string, fragment: string, machine: OnHost["host"]): string | undefined {
  const own = hostIdentity(machine);
  if (fragment === own) return undefined;
  return (
    `${what} is on the host "${fragment}", and the machine on "${own}": a machine has only what is on its own host. ` +
    "If both are one, give the two resources the same Host."
  );
}
