import type { TestHost } from "../../test/support/hosts";
import { startProxy, type TcpProxy } from "../../test/support/hosts/proxy";
import { median, type Pair } from "./figures";

export const ROUND_TRIP_MS = 100;

/** A route to a host that simulates distance. */
export function farWayTo({ address: host, port }: TestHost, roundTripMs = ROUND_TRIP_MS): Promise<TcpProxy> {
  return startProxy({ host, port, delayMs: roundTripMs / 2 });
}

/** Two routes to a host: the real one, and one that simulates distance. */
export interface Ways {
  readonly near: TcpProxy;
  readonly far: TcpProxy;
  close(): Promise<void>;
}

export async function waysTo(host: TestHost, roundTripMs?: number): Promise<Ways> {
  const near = await startProxy({ host: host.address, port: host.port });
  const far = await farWayTo(host, roundTripMs);
  return {
    near,
    far,
    async close() {
      for (const proxy of [near, far]) await proxy.close();
    },
  };
}

/** How many round trips something took, from how much longer it takes over the distant route. */
export function roundTrips(pairs: readonly Pair<number>[], roundTripMs: number): number {
  return median(pairs.map(({ ours: far, baseline: near }) => far - near)) / roundTripMs;
}
