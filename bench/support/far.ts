import { appendFile, writeFile } from "node:fs/promises";
import type { Project } from "../../test/e2e/support/project";
import type { TestHost } from "../../test/hosts";
import { startProxy, type TcpProxy } from "../../test/hosts/proxy";

export const ROUND_TRIP_MS = 100;

/** Two ways to a host: as it is, and as if it were far away. */
export interface Ways {
  readonly near: TcpProxy;
  readonly far: TcpProxy;
  close(): Promise<void>;
}

export async function waysTo({ address: host, port }: TestHost, roundTripMs = ROUND_TRIP_MS): Promise<Ways> {
  const near = await startProxy({ host, port });
  const far = await startProxy({ host, port, delayMs: roundTripMs / 2 });
  return {
    near,
    far,
    async close() {
      for (const proxy of [near, far]) await proxy.close();
    },
  };
}

/** A host by its own name, reached through a proxy. */
export interface Route {
  readonly host: TestHost;
  readonly proxy: TcpProxy;
}

/** Has the user of a project reach hosts in these ways, and in no other. */
export async function lead({ sshConfigFile }: Project, routes: readonly Route[]): Promise<void> {
  await writeFile(sshConfigFile, "");
  for (const { host, proxy } of routes) {
    const lines = [
      `Host ${host.name}`,
      `  HostName ${proxy.address}`,
      `  Port ${proxy.port}`,
      `  HostKeyAlias ${host.address}`,
      "  User root",
      `  IdentityFile ${host.privateKeyPath}`,
      `  UserKnownHostsFile ${host.knownHostsFile}`,
    ];
    await appendFile(sshConfigFile, `${lines.join("\n")}\n`);
  }
}
