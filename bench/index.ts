import { parseArgs } from "node:util";
import { duration } from "../scripts/tools/log";
import { canRunHosts } from "../test/support/hosts";
import { farHost } from "./far-host";
import { machines } from "./machines";
import { manyHosts } from "./many-hosts";
import { refresh } from "./refresh";
import type { Bench } from "./support/bench";
import { type Figure, holds } from "./support/figures";
import { unchanged } from "./unchanged";

const BENCHES: readonly Bench[] = [unchanged, machines, refresh, manyHosts, farHost];

const USAGE = `npm run bench -- [--rounds N] [NAME …]

Measures speed on hosts that it creates itself, next to something that does the same at the same time.
The exit status is 1 where a figure is above its limit. The machine should have nothing else to do.

${BENCHES.map(({ name, about }) => `  ${name.padEnd(11)} ${about}`).join("\n")}
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "5" }, help: { type: "boolean" } },
  });
  const rounds = Number(values.rounds);
  const unknown = positionals.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (values.help || unknown !== undefined || !Number.isInteger(rounds) || rounds < 1) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const possible = canRunHosts();
  if (!possible.ok) throw new Error(possible.reason);
  const figures: Figure[] = [];
  for (const bench of BENCHES) {
    if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
    console.error(`${bench.name}: ${bench.about}`);
    const started = Date.now();
    figures.push(...(await bench.run({ rounds, log: (line) => console.error(`  ${line}`) })));
    console.error(`  ${duration(Date.now() - started)}`);
  }
  console.table(Object.fromEntries(figures.map((figure) => [figure.what, row(figure)])));
  if (!figures.every(holds)) process.exitCode = 1;
}

function row(figure: Figure) {
  const { ours, baseline, measure, limit } = figure;
  return { ours, baseline, measure: Number(measure.toFixed(2)), "at most": limit ?? "", holds: holds(figure) };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
