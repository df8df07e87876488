import { type TestHost, up } from "../test/support/hosts";
import type { TcpProxy } from "../test/support/hosts/proxy";
import type { Bench } from "./support/bench";
import { farWayTo, ROUND_TRIP_MS } from "./support/far";
import { compared } from "./support/figures";
import { Program } from "./support/program";
import { rounds } from "./support/rounds";

const HOSTS = 16;

export const manyHosts: Bench = {
  name: "many-hosts",
  about: `a directory on each of ${HOSTS} hosts, ${ROUND_TRIP_MS} ms away, compared with one on one host plus the local processor time for the others`,
  run: async ({ rounds: count, log }) => {
    const hosts: TestHost[] = [];
    const proxies: TcpProxy[] = [];
    const program = await Program.open("hosts", { hosts: "[]" });
    try {
      for (let index = 1; index <= HOSTS; index += 1) {
        const host = await up({ name: `bench-${index}`, suite: "bookworm", filesystem: "btrfs", log });
        hosts.push(host);
        proxies.push(await farWayTo(host));
      }
      await program.project.know(
        hosts.map((host, index) => ({ name: host.name, host, user: "root", through: proxies[index] })),
      );
      const pairs = await rounds(
        count,
        () => upAndDown(program, hosts),
        () => upAndDown(program, hosts.slice(0, 1)),
      );
      const times = pairs.map(({ ours: all, baseline: one }) => ({
        ours: all.time,
        baseline: one.time + all.cpu - one.cpu,
      }));
      const beside = "one host, and the processor time of the others";
      return [compared(`up on ${HOSTS} hosts`, times, beside, 1.1)];
    } finally {
      await program.dispose();
      for (const proxy of proxies) await proxy.close();
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
