import type { Connection } from "../connection/connection";
import type { Credentials } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import type { Endpoint, Executor } from "../execution/executor";
import { forgetSettings } from "../ssh-config/ask";
import { describeEffective, type Effective } from "../ssh-config/effective";
import { resolve } from "../ssh-config/resolve";
import { closeConnections, PooledHost, pooledHost } from "./pool";
import { NoChannel } from "./sessions";

/**
 * A host that is reached over SSH.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export async function sshEndpoint(connection: Connection, credentials: Credentials): Promise<Endpoint> {
  const effective = await resolve(connection);
  return endpointOf(effective, (limit, task) => runQueued(effective, credentials, limit, task));
}

/**
 * The same with a separate login for each operation, with one try: a host that does not answer is soon detected. Jump
 * hosts on the way are shared.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export async function newSshEndpoint(connection: Connection, credentials: Credentials): Promise<Endpoint> {
  const effective: Effective = {
    ...(await resolve(connection)),
    retries: { count: 0, seconds: 0 },
    dialSeconds: NEW_DIAL_SECONDS,
    keepAlive: { seconds: 2, count: 2 },
  };
  return endpointOf(effective, async (_limit, task) => {
    const host = new PooledHost(effective, credentials);
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

function endpointOf(effective: Effective, run: Endpoint["run"]): Endpoint {
  return { name: describeEffective(effective), user: effective.user, isRoot: effective.user === "root", run };
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
  effective: Effective,
  credentials: Credentials,
  limit: number,
  task: (executor: Executor) => Promise<T>,
) {
  const host = pooledHost(effective, credentials);
  for (;;) {
    const result = await host.queue.run(limit, async () => {
      try {
        const link = await host.connect();
        return { value: await link.use(task) };
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
