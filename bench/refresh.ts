import { command } from "../scripts/tools/command";
import type { TestHost } from "../test/support/hosts";
import type { TcpProxy } from "../test/support/hosts/proxy";
import type { Bench, Settings } from "./support/bench";
import { roundTrips, type Ways, waysTo } from "./support/far";
import type { Figure } from "./support/figures";
import { onHost } from "./support/hosts";
import { Program } from "./support/program";
import { rounds, timed } from "./support/rounds";

/** Longer than elsewhere: the duration of a CLI run varies by some tenths of a second. */
const ROUND_TRIP_MS = 500;

export const refresh: Bench = {
  name: "refresh",
  about: `what a refresh costs with a host ${ROUND_TRIP_MS} ms away: connections, and round trips beyond those of "ssh HOST true"`,
  run: (settings) =>
    onHost(settings.log, async (host) => {
      const ways = await waysTo(host, ROUND_TRIP_MS);
      const program = await Program.open("machines", {
        count: 1,
        whole: true,
        connection: JSON.stringify({ host: host.name }),
      });
      try {
        const figures: Figure[] = [];
        for (const count of [1, 8]) {
          await program.configure({ count });
          await program.project.know([{ name: host.name, host, user: "root", through: ways.near }]);
          await program.up();
          figures.push(...(await measure(settings, host, ways, program, 2 + 3 * count)));
          settings.log(`${2 + 3 * count} resources are done`);
        }
        await program.destroy();
        return figures;
      } finally {
        await program.dispose();
        await ways.close();
      }
    }),
};

async function measure(
  { rounds: count }: Settings,
  host: TestHost,
  { near, far }: Ways,
  program: Program,
  resources: number,
): Promise<Figure[]> {
  const before = far.connections();
  const by = (proxy: TcpProxy, work: () => Promise<number>) => async () => {
    await program.project.know([{ name: host.name, host, user: "root", through: proxy }]);
    return work();
  };
  const refresh = () => program.refresh();
  const refreshed = await rounds(count, by(far, refresh), by(near, refresh));
  const connections = (far.connections() - before) / count;
  const login = () => timed(() => command("ssh", ["-F", program.project.sshConfigFile, host.name, "true"]));
  const single = roundTrips(await rounds(count, by(far, login), by(near, login)), ROUND_TRIP_MS);
  const all = roundTrips(refreshed, ROUND_TRIP_MS);
  return [
    {
      what: `connections of a refresh of ${resources} resources`,
      ours: `${connections}`,
      baseline: "one ssh: 1",
      measure: connections,
      limit: 1,
    },
    {
      what: `round trips of a refresh of ${resources} resources, beyond one ssh`,
      ours: all.toFixed(1),
      baseline: `one ssh: ${single.toFixed(1)}`,
      measure: all - single,
      limit: 2,
    },
  ];
}
