import type { Connection } from "../../provider/remote";
import type { TestHost } from "./hosts";

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
