import type { OnHost } from "../on-host";

/**
 * Which host a fragment is of: two resources on one host have the same, whatever user or jump host they reach it by. The instance
 * says it where there is one, since an address may change; else the address does.
 */
export function hostIdentity({ instance, connection }: OnHost["host"]): string {
  return instance ?? `${connection.host}:${connection.port ?? 22}`;
}
