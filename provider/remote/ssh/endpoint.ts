import type { Connection } from "../connection/connection";
import type { Credentials } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import type { Endpoint, Executor, OnWaiting } from "../execution/executor";
import { NoChannel } from "../execution/link";
import { forgetSettings } from "../ssh-config/ask";
import { resolve } from "../ssh-config/resolve";
import { describeResolved, type ResolvedConnection } from "../ssh-config/resolved-connection";
import { closeConnections, pooledHost, separateHost } from "./pool";

/**
 * A host that is reached over SSH.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export async function sshEndpoint(connection: Connection, credentials: Credentials): Promise<Endpoint> {
  const resolved = await resolve(connection);
  return endpointOf(resolved, (limit, task, onWaiting) => runQueued(resolved, credentials, limit, task, onWaiting));
}

/**
 * The same with a separate login for each operation, with one try: a host that does not answer is soon detected. Jump
 * hosts on the way are shared.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export async function newSshEndpoint(connection: Connection, credentials: Credentials): Promise<Endpoint> {
  const resolved: ResolvedConnection = {
    ...(await resolve(connection)),
    retries: { count: 0, seconds: 0, longestWaitSeconds: 0 },
    dialSeconds: NEW_DIAL_SECONDS,
    keepAlive: { seconds: 2, count: 2 },
  };
  return endpointOf(resolved, async (_limit, task) => {
    const host = separateHost(resolved, credentials);
    try {
      return await (await host.connect()).use(task);
    } catch (error) {
      throw error instanceof NoChannel ? noSession(error) : error;
    } finally {
      host.close();
    }
  });
}

const NEW_DIAL_SECONDS = 6;

function endpointOf(resolved: ResolvedConnection, run: Endpoint["run"]): Endpoint {
  return { name: describeResolved(resolved), user: resolved.user, isRoot: resolved.user === "root", run };
}

/**
 * Closes every connection and forgets what was read from ssh_config; what runs fails, and the next operation starts
 * again.
 */
export function closeAll(): void {
  closeConnections();
  forgetSettings();
}

async function runQueued<T>(
  resolved: ResolvedConnection,
  credentials: Credentials,
  limit: number,
  task: (executor: Executor) => Promise<T>,
  onWaiting?: OnWaiting,
) {
  const host = pooledHost(resolved, credentials);
  for (;;) {
    const result = await host.queue.run(limit, async () => {
      try {
        const link = await host.connect(onWaiting);
        return { value: await link.use(task, onWaiting) };
      } catch (error) {
        // sshd's MaxSessions is lower than our limit: wait until others are done.
        if (!(error instanceof NoChannel)) throw error;
        if (!host.queue.narrow()) throw noSession(error);
        return undefined;
      }
    });
    if (result) return result.value;
  }
}

function noSession(error: NoChannel): DialFailure {
  return new DialFailure("configuration", {
    happened: `its sshd opens no session (${error.message.replace("(SSH) Channel open failure: ", "")})`,
    advice: "Check MaxSessions in its sshd_config.",
  });
}
