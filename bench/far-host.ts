import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, closeAll, run, sh } from "../provider/remote";
import { command } from "../scripts/tools/command";
import { connectionTo } from "../test/support/connection";
import type { TestHost } from "../test/support/hosts";
import type { TcpProxy } from "../test/support/hosts/proxy";
import type { Bench } from "./support/bench";
import { ROUND_TRIP_MS, roundTrips, waysTo } from "./support/far";
import type { Figure, Pair } from "./support/figures";
import { onHost } from "./support/hosts";
import { rounds as byTurns, timed } from "./support/rounds";

const OPERATIONS = 24;

/** Real operations take some time on the host, and not all the same, so they do not start in lockstep. */
const workOf = (index: number) => `${(200 + 50 * (index % 5)) / 1000}`;

export const farHost: Bench = {
  name: "far-host",
  about: `how many round trips an operation costs on an open connection to a host ${ROUND_TRIP_MS} ms away`,
  run: ({ rounds, log }) =>
    onHost(log, async (host) => {
      const { near, far, close } = await waysTo(host);
      try {
        const figures: Figure[] = [];
        for (const atOnce of [1, 6]) {
          const ours = (proxy: TcpProxy) => () => byLibrary(host, proxy, atOnce);
          const openssh = (proxy: TcpProxy) => () => byOpenSsh(host, proxy, atOnce);
          const library = await byTurns(rounds, ours(far), ours(near));
          const baseline = await byTurns(rounds, openssh(far), openssh(near));
          figures.push(figureOf(atOnce, each(library, atOnce), each(baseline, atOnce)));
          log(`${atOnce} at once is done`);
        }
        return figures;
      } finally {
        closeAll();
        await close();
      }
    }),
};

function figureOf(atOnce: number, ours: number, baseline: number): Figure {
  const what = atOnce === 1 ? "one after the other" : `${atOnce} at once`;
  return {
    what: `operations on a far host, ${what} (round trips each)`,
    ours: ours.toFixed(1),
    baseline: `ssh with a control master: ${baseline.toFixed(1)}`,
    measure: ours,
    limit: 2,
  };
}

/** Round trips of one operation. */
function each(pairs: readonly Pair<number>[], atOnce: number): number {
  return (roundTrips(pairs, ROUND_TRIP_MS) * atOnce) / OPERATIONS;
}

/** Runs all of them, with a limited number at the same time. */
async function inLanes(atOnce: number, operation: (work: string) => Promise<unknown>): Promise<void> {
  let begun = 0;
  const lane = async () => {
    while (begun < OPERATIONS) {
      begun += 1;
      await operation(workOf(begun));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function byLibrary(host: TestHost, proxy: TcpProxy, atOnce: number): Promise<number> {
  const connection: Connection = {
    ...connectionTo(host),
    host: proxy.address,
    port: proxy.port,
    knownHostsFile: undefined,
    hostKey: [host.hostKey],
  };
  const operation = (work: string) =>
    run({ connection }, sh`sleep ${work}; answer hello`, { attempt: "say hello", timeoutSeconds: 60 });
  await operation("0");
  return timed(() => inLanes(atOnce, operation));
}

async function byOpenSsh(host: TestHost, proxy: TcpProxy, atOnce: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-bench-"));
  const options = [
    ...["-F", host.sshConfigFile, "-S", join(directory, "control"), "-p", `${proxy.port}`],
    ...["-o", `HostName=${proxy.address}`, "-o", `HostKeyAlias=${host.address}`],
  ];
  const operation = (work: string) =>
    command("ssh", [...options, host.name, "sh"], { input: `sleep ${work}; echo hello\n` });
  try {
    await command("ssh", [...options, "-o", "ControlMaster=yes", "-fN", host.name]);
    await operation("0");
    return await timed(() => inLanes(atOnce, operation));
  } finally {
    await command("ssh", [...options, "-O", "exit", host.name]);
    await rm(directory, { recursive: true, force: true });
  }
}
