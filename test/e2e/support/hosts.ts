import type { Connection } from "../../../provider/remote";
import { type HostOptions, type TestHost, up } from "../../hosts";

/** The users that every test host has, and how each becomes root. */
export type User = "root" | "ops" | "careful" | "nosudo";

/** How a program reaches a test host. */
export function connectionTo(host: TestHost, user: User = "root"): Connection {
  return {
    host: host.address,
    port: host.port,
    user,
    privateKeyPath: host.privateKeyPath,
    knownHostsFile: host.knownHostsFile,
    ...(user !== "root" && { become: true }),
  };
}

/** Boots the hosts that a test file needs, one after the other: each takes two seconds, and the machine has few cores. */
export async function bootHosts<const N extends readonly HostOptions[]>(
  options: N,
): Promise<{ [I in keyof N]: TestHost }>;
export async function bootHosts(options: readonly HostOptions[]): Promise<TestHost[]> {
  const hosts: TestHost[] = [];
  for (const one of options) hosts.push(await up(one));
  return hosts;
}
