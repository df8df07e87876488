import { type TestHost, up } from "../test/hosts";
import { startProxy } from "../test/hosts/proxy";
import type { Bench } from "./support/bench";
import { lead, ROUND_TRIP_MS, type Route } from "./support/far";
import { median, seconds } from "./support/figures";
import { Program } from "./support/program";

const HOSTS = 16;

export const manyHosts: Bench = {
  name: "many-hosts",
  about: `a directory on each of ${HOSTS} hosts, ${ROUND_TRIP_MS} ms away, beside one on one of them and the processor time that the others take here`,
  run: async ({ rounds, log }) => {
    const hosts: TestHost[] = [];
    const routes: Route[] = [];
    const program = await Program.open("hosts", { hosts: "[]" });
    try {
      for (let index = 1; index <= HOSTS; index += 1) {
        const host = await up({ name: `bench-${index}`, suite: "bookworm", filesystem: "btrfs", log });
        hosts.push(host);
        const proxy = await startProxy({ host: host.address, port: host.port, delayMs: ROUND_TRIP_MS / 2 });
        routes.push({ host, proxy });
      }
      await lead(program.project, routes);
      const one: Run[] = [];
      const all: Run[] = [];
      for (let round = 0; round < rounds; round += 1) {
        one.push(await upAndDown(program, hosts.slice(0, 1)));
        all.push(await upAndDown(program, hosts));
        log(`round ${round + 1} is done`);
      }
      const expected = one.map(({ time, cpu }, index) => time + (all[index]?.cpu ?? Number.NaN) - cpu);
      const times = all.map(({ time }) => time);
      return [
        {
          what: `up on ${HOSTS} hosts`,
          ours: seconds(median(times)),
          baseline: `one host, and the processor time of the others: ${seconds(median(expected))}`,
          measure: median(times.map((time, index) => time / (expected[index] ?? Number.NaN))),
          limit: 1.1,
        },
      ];
    } finally {
      await program.dispose();
      for (const { proxy } of routes) await proxy.close();
      for (const host of hosts) await host.down();
    }
  },
};

/** Milliseconds. */
interface Run {
  readonly time: number;
  readonly cpu: number;
}

async function upAndDown(program: Program, hosts: readonly TestHost[]): Promise<Run> {
  await program.configure({ hosts: JSON.stringify(hosts.map(({ name }) => name)) });
  const run = await program.upCounted();
  await program.destroy();
  return run;
}
