import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { duration } from "../../scripts/tools/log";
import { root } from "../support/root";
import { idOf } from "./cell";
import { chosen, matrix, partOf } from "./cells";
import { faults } from "./faults";
import { programs } from "./programs";
import { figuresOf, pageOf, textOf, together } from "./report";
import { type Results, resultsSchema } from "./result";
import { runCells } from "./run-cells";

const USAGE = `npm run faults -- [--part 3/12] [--seed S] [--cells N] [--rounds N] [--only TEXT] [--results DIRECTORY] [--list]
npm run faults -- --report [--results DIRECTORY]

Breaks real hosts, networks and processes at each step of each operation, and checks that nothing is lost. A run
without options has one cell for each combination that makes sense. The exit status is 1 if a cell is not good.

  --part     one of so many equal parts; their results are in files of their own
  --seed     chooses step, moment and what heals it (default 1)
  --cells    only so many cells, chosen by the seed
  --rounds   so many cells for each combination, each at another step (default 1)
  --only     only cells whose id contains this text; several may be given
  --results  where results are kept (default results/faults)
  --list     prints the cells and what is left out, and runs nothing
  --report   adds the results to docs/reliability.json, and writes docs/reliability.md from it
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      part: { type: "string", default: "1/1" },
      seed: { type: "string", default: "1" },
      cells: { type: "string" },
      rounds: { type: "string", default: "1" },
      only: { type: "string", multiple: true, default: [] },
      results: { type: "string", default: join(root, "results", "faults") },
      list: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.report) {
    await report(values.results);
    return;
  }
  const { seed, only } = values;
  const whole = matrix(programs, faults, seed, Number(values.rounds));
  const wanted = whole.cells.filter((cell) => only.length === 0 || only.some((text) => idOf(cell).includes(text)));
  const taken = chosen(wanted, Number(values.cells ?? wanted.length), seed);
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(values.part) ?? [];
  if (index === undefined || count === undefined) throw new Error(`"${values.part}" is no part: write 3/12`);
  const cells = partOf(taken, Number(index), Number(count));
  if (values.list) {
    for (const cell of cells) console.log(idOf(cell));
    for (const { program, operation, fault, reason } of whole.excluded)
      console.log(`${program}/${operation}/${fault}: no cell, ${reason}`);
    console.log(`${cells.length} cells, ${whole.excluded.length} combinations without one`);
    return;
  }
  await runPart(cells, seed, [...whole.excluded], values.results, `${index}-of-${count}`);
}

async function runPart(
  cells: Parameters<typeof runCells>[0],
  seed: string,
  excluded: Results["excluded"],
  directory: string,
  part: string,
): Promise<void> {
  const started = Date.now();
  const results: Results = { excluded, results: [] };
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${new Date().toISOString().replaceAll(":", "-")}-seed-${seed}-part-${part}.json`);
  await runCells(cells, seed, console.error, async (result) => {
    results.results.push(result);
    await writeFile(file, `${JSON.stringify(results, undefined, 1)}\n`);
  });
  console.table(figuresOf(results.results));
  console.log(`in ${duration(Date.now() - started)}; results in ${file}`);
  const { cells: judged, converged, lost, orphans, missing, unclear } = figuresOf(results.results);
  const isBroken = results.results.some(({ broken }) => broken !== undefined);
  if (isBroken || converged < judged || lost + orphans + missing + unclear > 0) process.exitCode = 1;
}

async function report(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /-part-.*\.json$/.test(name)).sort();
  const kept = join(root, "docs", "reliability.json");
  const files = [kept, ...names.map((name) => join(directory, name))];
  const all = together(
    await Promise.all(files.map(async (file) => resultsSchema.parse(JSON.parse(await readFile(file, "utf8"))))),
  );
  await writeFile(kept, textOf(all));
  await writeFile(join(root, "docs", "reliability.md"), pageOf(all, faults));
  console.table(figuresOf(all.results));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
