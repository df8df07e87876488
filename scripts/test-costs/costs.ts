import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** What one test file costs. */
export interface Cost {
  /** From start to end, in seconds; other files run at the same time. */
  readonly wall: number;
  /** Processor time of the test, its children and its hosts, in seconds. */
  readonly cpu: number;
  /** Runs of the Pulumi CLI. */
  readonly runs: number;
  /** Boots of hosts. */
  readonly boots: number;
  /** Bases of roots that hosts built. */
  readonly builds: number;
}

/** Costs by test file, as a path below `test/`. */
export type Costs = Readonly<Record<string, Cost>>;

/** Reads what `test/support/measurement.cjs` wrote: a file of lines `WHAT AMOUNT` per test file. */
export async function readMeasurements(directory: string, tests: string): Promise<Costs> {
  const entries = await readdir(directory, { withFileTypes: true });
  const texts = await Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(directory, entry.name), "utf8")),
  );
  return Object.fromEntries(texts.map((text) => costOf(text, tests)).sort(([, a], [, b]) => b.cpu - a.cpu));
}

/** The path of a test file and its cost, from the text of its measurement. */
export function costOf(text: string, tests: string): [string, Cost] {
  const lines = text.trimEnd().split("\n");
  const path = lines.find((line) => line.startsWith("file "))?.slice("file ".length) ?? "";
  const sum = (what: string) =>
    lines.reduce((total, line) => total + (line.startsWith(`${what} `) ? Number(line.slice(what.length + 1)) : 0), 0);
  const cpu = (sum("cpu-us") + sum("host-us")) / 1e6;
  return [
    relative(tests, path),
    {
      wall: Math.round(sum("wall-ms") / 100) / 10,
      cpu: Math.round(cpu * 10) / 10,
      runs: sum("run"),
      boots: sum("boot"),
      builds: sum("build"),
    },
  ];
}
