import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MUTANTS } from "../../../scripts/mutants/list";
import { inGroups, type Mutant, mutated } from "../../../scripts/mutants/mutant";
import { root } from "../../support/root";

const textOf = (path: string) => readFileSync(join(root, path), "utf8");

test("the list has forty mutants, each with its own name", () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(40);
});

test.each(MUTANTS)("the code still has the place for the mutant: $name", (mutant) => {
  const text = textOf(mutant.file);
  expect(mutated(text, mutant)).not.toBe(text);
});

test("the tests on real hosts that must notice a mutant exist", () => {
  for (const { hosts } of MUTANTS) if (hosts !== undefined) expect(textOf(hosts)).toContain("test(");
});

const mutant: Mutant = { name: "x is y.", file: "a.ts", find: "x", replace: "y" };

test("text that is missing, or in the file twice, is no place for a mutant", () => {
  expect(mutated("1 x 2", mutant)).toBe("1 y 2");
  expect(() => mutated("1 2", mutant)).toThrow(/out of date: a\.ts .*"x is y\." is not in it/);
  expect(() => mutated("x 1 x", mutant)).toThrow("in it 2 times");
});

test("mutants of one group share neither a file nor a test, and those of connections are separate", () => {
  const at = (file: string, hosts: string): Mutant => ({ ...mutant, file, hosts: `test/${hosts}.test.ts` });
  const mutants = [at("a", "hosts/1"), at("a", "hosts/2"), at("b", "hosts/1"), at("c", "ssh/3"), at("d", "hosts/4")];
  const groups = inGroups(mutants, 2).map((group) => group.map(({ file }) => file));
  expect(groups).toEqual([["a", "d"], ["a", "b"], ["c"]]);
});
