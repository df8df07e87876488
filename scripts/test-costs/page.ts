import { table } from "../docs/table";
import type { Cost, Costs } from "./costs";

/** Cheaper files are combined in one row. */
const CHEAP = 5;

const BEGIN = "<!-- costs: written by `npm run test:costs` -->";
const END = "<!-- end of costs -->";

/** A page with the table of costs between its markers. */
export function withCosts(page: string, costs: Costs): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`the page has no "${BEGIN}" and "${END}"`);
  return `${page.slice(0, before + BEGIN.length)}\n\n${costTable(costs)}\n${page.slice(after)}`;
}

function costTable(costs: Costs): string {
  const all = Object.entries(costs);
  const cheap = all.filter(([, cost]) => cost.cpu < CHEAP);
  const rows = [
    ...all.filter(([, cost]) => cost.cpu >= CHEAP).map(([path, cost]) => row(path, cost)),
    row(`${cheap.length} others`, sumOf(cheap.map(([, cost]) => cost))),
    row("all", sumOf(all.map(([, cost]) => cost))),
  ];
  return table(["file", "wall s", "processor s", "runs of the CLI", "boots", "builds"], rows);
}

function row(name: string, { wall, cpu, runs, boots, builds }: Cost): string[] {
  return [name, ...[wall, cpu].map((seconds) => seconds.toFixed(0)), ...[runs, boots, builds].map(String)];
}

function sumOf(costs: readonly Cost[]): Cost {
  const sum = (key: keyof Cost) => costs.reduce((total, cost) => total + cost[key], 0);
  return { wall: sum("wall"), cpu: sum("cpu"), runs: sum("runs"), boots: sum("boots"), builds: sum("builds") };
}
