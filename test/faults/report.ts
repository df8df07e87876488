import { type Operation, operations } from "./cell";
import type { Fault } from "./faults/fault";
import type { Result, Results } from "./result";

/** The figures of a group of cells. */
export interface Figures {
  readonly cells: number;
  readonly converged: number;
  readonly lost: number;
  readonly orphans: number;
  readonly missing: number;
  readonly hangs: number;
  readonly unclear: number;
}

export function figuresOf(results: readonly Result[]): Figures {
  const verdicts = results.flatMap(({ verdict }) => verdict ?? []);
  const count = (isOne: (verdict: (typeof verdicts)[number]) => boolean) => verdicts.filter(isOne).length;
  return {
    cells: verdicts.length,
    converged: count(({ unconverged, hangs }) => unconverged.length === 0 && hangs.length === 0),
    lost: count(({ lost }) => lost.length > 0),
    orphans: count(({ orphans }) => orphans.length > 0),
    missing: count(({ missing }) => missing.length > 0),
    hangs: count(({ hangs }) => hangs.length > 0),
    unclear: count(({ unclear }) => unclear.length > 0),
  };
}

/** The parts of a run as one; a cell that ran in several of them counts once, as it ended last. */
export function together(parts: readonly Results[]): Results {
  const results = new Map<string, Result>();
  const excluded = new Map<string, Results["excluded"][number]>();
  for (const part of parts) {
    for (const result of part.results) {
      const key = `${result.seed} ${result.id}`;
      if (result.broken === undefined || !results.has(key)) results.set(key, result);
    }
    for (const one of part.excluded) excluded.set(`${one.program} ${one.operation} ${one.fault}`, one);
  }
  return { results: [...results.values()], excluded: [...excluded.values()] };
}

/** The results as a file, a line each, without the output of commands: what the page is made of. */
export function textOf({ results, excluded }: Results): string {
  const order = (one: Result) => `${one.seed} ${one.id}`;
  const kept = results
    .map(({ commands: _, said: __, ...result }): Result => ({ ...result, commands: [] }))
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  const lines = (items: readonly object[]) => items.map((item) => `\n${JSON.stringify(item)}`).join(",");
  return `{"excluded":[${lines(excluded)}\n],"results":[${lines(kept)}\n]}\n`;
}

/** The page of results. */
export function pageOf({ results, excluded }: Results, faults: readonly Fault[]): string {
  const ran = results.filter(({ verdict }) => verdict !== undefined);
  const withoutSteps = results.filter(({ skipped }) => skipped !== undefined);
  const broken = results.filter(({ broken }) => broken !== undefined);
  const seeds = [...new Set(results.map(({ seed }) => seed))].sort();
  const titles = new Map(faults.map(({ name, title }) => [name, title]));
  const names = faults.map(({ name }) => name);
  const programs = [...new Set(results.map(({ cell }) => cell.program))];
  return `# Reliability

<!-- Written by \`npm run faults -- --report\`, from reliability.json. -->

What \`npm run faults\` found on real Debian 13 hosts. Each cell is one fault at one remote step of one operation: the
step is held on the host, the fault happens before it, during it, or before its answer arrives. Then the fault is gone,
and one plain \`pulumi up\` or \`pulumi destroy\` must converge. A second \`up\` and a refresh must report no changes, and the
host must have what it has if nothing breaks, and nothing else.

- **converged**: that one command was enough.
- **lost**: a user's file in the machine, in the mount or in the home is gone, although the operation keeps it.
- **orphans**: something is left: a unit, a mount, a root, a lock, a rule, a lease, a marker, a process.
- **missing**: state says that something exists, and the host does not have it.
- **hangs**: a command did not end by itself within five minutes.
- **unclear**: the error under the fault does not say where it happened or what to do.

Seeds: ${seeds.join(", ")}. ${ran.length} cells ran, ${withoutSteps.length} were left out because the operation has no remote step,
${broken.length} could not be run, and ${excluded.length} combinations have no cell for the reasons below.

## By fault

${table(
  ["fault"],
  groups(
    inOrder(ran, names, ({ cell }) => cell.fault),
    ({ cell }) => titles.get(cell.fault) ?? cell.fault,
  ),
)}

## By operation

${table(
  ["operation"],
  groups(
    inOrder(ran, operations, ({ cell }) => cell.operation),
    ({ cell }) => cell.operation,
  ),
)}

## By resource

${table(
  ["resource"],
  groups(
    inOrder(ran, programs, ({ cell }) => cell.program),
    ({ cell }) => `\`${cell.program}\``,
  ),
)}

## Combinations without a cell

${listOfReasons(excluded, faults)}
`;
}

function inOrder(results: readonly Result[], order: readonly string[], keyOf: (result: Result) => string): Result[] {
  return results.toSorted((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)));
}

function groups(results: readonly Result[], keyOf: (result: Result) => string): [string, Figures][] {
  const members = new Map<string, Result[]>();
  for (const result of results) members.set(keyOf(result), [...(members.get(keyOf(result)) ?? []), result]);
  return [
    ...[...members].map(([key, group]): [string, Figures] => [key, figuresOf(group)]),
    ["all", figuresOf(results)],
  ];
}

function table([first = ""]: readonly string[], rows: readonly [string, Figures][]): string {
  const columns = ["cells", "converged", "lost", "orphans", "missing", "hangs", "unclear"] as const;
  return [
    `| ${[first, ...columns].join(" | ")} |`,
    `| ${[first, ...columns].map(() => "---").join(" | ")} |`,
    ...rows.map(([key, figures]) => `| ${[key, ...columns.map((column) => figures[column])].join(" | ")} |`),
  ].join("\n");
}

/** A line for each reason, with what it is about. */
function listOfReasons(excluded: Results["excluded"], faults: readonly Fault[]): string {
  const reasons = [...new Set(excluded.map(({ reason }) => reason))];
  if (reasons.length === 0) return "None.";
  return reasons
    .map((reason) => {
      const those = excluded.filter((one) => one.reason === reason);
      const which = new Set(those.map(({ fault }) => fault));
      const what = which.size === faults.length ? "each fault" : [...which].map((name) => `\`${name}\``).join(", ");
      return `- ${what}: ${reason}. ${[...new Set(those.map(({ program }) => program))]
        .map((program) => placesOf(program, those))
        .join(", ")}.`;
    })
    .join("\n");
}

function placesOf(program: string, excluded: Results["excluded"]): string {
  const which = new Set<Operation>(excluded.filter((one) => one.program === program).map((one) => one.operation));
  return which.size === operations.length ? program : `${program} (${[...which].join(", ")})`;
}
