import type { HostRef, OnHost } from "../on-host";

/**
 * The identity of an attachment's host: two resources on one host have the same, whatever user or jump host they
 * connect with. It is the `instance` if one is given, because an address may change; otherwise it is the address.
 */
export function hostIdentity({ instance, connection }: HostRef | OnHost["host"]): string {
  return instance ?? `${connection.host}:${connection.port ?? 22}`;
}

/** Why a machine cannot use an attachment: it is on another host. `undefined` if it is on the same host. */
export function refuseForeign(what: string, attachmentHost: string, machine: OnHost["host"]): string | undefined {
  const own = hostIdentity(machine);
  if (attachmentHost === own) return undefined;
  return (
    `${what} is on the host "${attachmentHost}", and the machine on "${own}": a machine can only use what is on its own host. ` +
    "If both are the same host, give the two resources the same Host."
  );
}
