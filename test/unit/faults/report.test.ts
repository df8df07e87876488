import type { Cell } from "../../faults/cell";
import { figuresOf, pageOf, textOf, together } from "../../faults/report";
import { type Result, type Results, resultsSchema } from "../../faults/result";

const cell: Cell = {
  program: "BindMount",
  operation: "create",
  fault: "cut",
  place: 0.5,
  moment: "before",
  healing: "up",
};
const nothing = { hangs: [], unconverged: [], unclear: [], lost: [], orphans: [], missing: [] };
const good: Result = { seed: "1", id: "one", cell, step: 1, steps: 2, seconds: 9, commands: [], verdict: nothing };
const bad: Result = {
  ...good,
  id: "two",
  cell: { ...cell, operation: "destroy" },
  verdict: { ...nothing, hangs: ["up"], orphans: ["unit a", "unit b"] },
};
const skipped: Result = { seed: "1", id: "three", cell, steps: 0, seconds: 0, commands: [], skipped: "no remote step" };
const results: Results = {
  results: [good, bad, skipped],
  excluded: [
    { program: "Host", operation: "create", fault: "machinectl", reason: "it has no machine" },
    { program: "Host", operation: "update", fault: "machinectl", reason: "it has no machine" },
  ],
};

test("a hang is no convergence, and orphans count once for a cell", () => {
  expect(figuresOf(results.results)).toEqual({
    cells: 2,
    converged: 1,
    lost: 0,
    orphans: 1,
    missing: 0,
    hangs: 1,
    unclear: 0,
  });
});

test("the page has figures by fault, operation and resource, and what has no cell", () => {
  const page = pageOf(results, []);
  expect(page).toContain("| cut | 2 | 1 | 0 | 1 | 0 | 1 | 0 |");
  expect(page).toContain("| create | 1 | 1 | 0 | 0 | 0 | 0 | 0 |\n| destroy | 1 | 0 | 0 | 1 | 0 | 1 | 0 |");
  expect(page).toContain("| `BindMount` | 2 |");
  expect(page).toContain("2 cells ran, 1 were left out");
  expect(page).toContain("- `machinectl`: it has no machine. Host (create, update).");
});

test("parts are put together, and a cell that ran again counts as it ended last", () => {
  const again: Results = { ...results, results: [{ ...bad, verdict: nothing }] };
  const all = together([results, again, { ...results, results: [{ ...good, seed: "2" }] }]);
  const unrun: Results = { ...results, results: [{ ...skipped, id: "two", skipped: undefined, broken: "no network" }] };
  expect(figuresOf(together([again, unrun]).results)).toMatchObject({ cells: 1 });
  expect(pageOf(all, [])).toContain("Seeds: 1, 2.");
  expect(figuresOf(all.results)).toMatchObject({ cells: 3, converged: 3 });
  expect(all.excluded).toHaveLength(2);
});

test("results are kept a line each, without what commands printed", () => {
  const long: Result = { ...good, said: "error: …", commands: [{ name: "up", ok: true, seconds: 1, text: "…" }] };
  const text = textOf({ ...results, results: [bad, long] });
  expect(text).not.toContain("…");
  expect(resultsSchema.parse(JSON.parse(text)).results.map(({ id }) => id)).toEqual(["one", "two"]);
  expect(text.split("\n")).toHaveLength(8);
});
