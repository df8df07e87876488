import { idOf, moments, operations, stepOf } from "../../faults/cell";
import { chosen, matrix, partOf } from "../../faults/cells";
import { faults } from "../../faults/faults";
import type { Fault } from "../../faults/faults/fault";
import { programs } from "../../faults/programs";
import type { Program } from "../../faults/programs/program";

// The programs are only listed here, and a fresh clone has not built the package yet.
jest.mock("pulumi-nspawn", () => ({}), { virtual: true });

const whole = matrix(programs, faults, "1");

test("each program, operation and fault has a cell or a reason", () => {
  const keys = [...whole.cells, ...whole.excluded].map(({ program, operation, fault }) =>
    [program, operation, fault].join("/"),
  );
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBe(programs.length * operations.length * faults.length);
  for (const { reason } of whole.excluded) expect(reason).toMatch(/\w/);
});

test("there are at least 600 cells, each with a name of its own, in one round", () => {
  expect(whole.cells.length).toBeGreaterThanOrEqual(600);
  expect(new Set(whole.cells.map(idOf)).size).toBe(whole.cells.length);
});

test("one seed gives the same cells each time, and another one others", () => {
  expect(matrix(programs, faults, "1")).toEqual(whole);
  const other = matrix(programs, faults, "2").cells.map(idOf);
  const same = whole.cells.map(idOf).filter((id) => other.includes(id));
  expect(same.length).toBeLessThan(whole.cells.length / 10);
});

test("a fault happens only at moments at which it makes a difference", () => {
  for (const { fault, moment } of whole.cells) {
    expect(faults.find(({ name }) => name === fault)?.moments).toContain(moment);
  }
});

const program: Program = { name: "P", machine: false, define: () => undefined, keep: "", facts: "" };
const fault: Fault = { name: "f", title: "it breaks", moments, held: "run", inject: async () => undefined };

test("a few rounds reach all steps", () => {
  const { cells } = matrix([program], [fault], "1", 13);
  for (const operation of operations) {
    const steps = cells.filter((cell) => cell.operation === operation).map((cell) => stepOf(cell, 6));
    expect([...new Set(steps)].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  }
});

test("what a program or a fault leaves out is listed with the reason", () => {
  const without: Program = {
    ...program,
    excluded: (operation) => (operation === "refresh" ? "no refresh" : undefined),
  };
  const picky: Fault = { ...fault, name: "g", excluded: (_, operation) => (operation === "create" ? "no" : undefined) };
  const { cells, excluded } = matrix([without], [fault, picky], "1");
  expect(cells).toHaveLength(7);
  expect(excluded.map(({ operation, fault: name, reason }) => [operation, name, reason])).toEqual([
    ["create", "g", "no"],
    ["refresh", "f", "no refresh"],
    ["refresh", "g", "no refresh"],
  ]);
});

test("a choice of cells keeps their order, and follows from the seed", () => {
  const some = chosen(whole.cells, 40, "1");
  expect(some).toHaveLength(40);
  expect(some).toEqual(whole.cells.filter((cell) => some.includes(cell)));
  expect(chosen(whole.cells, 40, "1")).toEqual(some);
  expect(chosen(whole.cells, 40, "2")).not.toEqual(some);
});

test("parts are equally large, and together they are everything", () => {
  const parts = Array.from({ length: 12 }, (_, index) => partOf(whole.cells, index + 1, 12));
  expect(parts.flat()).toEqual(whole.cells);
  const sizes = parts.map(({ length }) => length);
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
});

test("a place is a step, whatever their number", () => {
  const cell = { program: "P", operation: "create", fault: "f", moment: "before", healing: "up" } as const;
  expect(stepOf({ ...cell, place: 0 }, 3)).toBe(1);
  expect(stepOf({ ...cell, place: 0.34 }, 3)).toBe(2);
  expect(stepOf({ ...cell, place: 0.999 }, 3)).toBe(3);
  expect(stepOf({ ...cell, place: 0.999 }, 1)).toBe(1);
});
