import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, faulty, inGroups } from "../../../scripts/faults/fault";
import { FAULTS } from "../../../scripts/faults/list";
import { root } from "../../support/root";

const textOf = (path: string) => readFileSync(join(root, path), "utf8");

test("the list has forty faults, each with its own name", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(40);
});

test.each(FAULTS)("the code still has the place for the fault: $name", (fault) => {
  const text = textOf(fault.file);
  expect(faulty(text, fault)).not.toBe(text);
});

test("the tests on real hosts that must notice a fault exist", () => {
  for (const { hosts } of FAULTS) if (hosts !== undefined) expect(textOf(hosts)).toContain("test(");
});

const fault: Fault = { name: "x is y.", file: "a.ts", find: "x", replace: "y" };

test("text that is missing, or in the file twice, is no place for a fault", () => {
  expect(faulty("1 x 2", fault)).toBe("1 y 2");
  expect(() => faulty("1 2", fault)).toThrow(/out of date: a\.ts .*"x is y\." is not in it/);
  expect(() => faulty("x 1 x", fault)).toThrow("in it 2 times");
});

test("faults of one group share neither a file nor a test, and those of connections are separate", () => {
  const at = (file: string, hosts: string): Fault => ({ ...fault, file, hosts: `test/${hosts}.test.ts` });
  const faults = [at("a", "hosts/1"), at("a", "hosts/2"), at("b", "hosts/1"), at("c", "ssh/3"), at("d", "hosts/4")];
  const groups = inGroups(faults, 2).map((group) => group.map(({ file }) => file));
  expect(groups).toEqual([["a", "d"], ["a", "b"], ["c"]]);
});
