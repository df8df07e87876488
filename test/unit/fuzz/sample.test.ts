import fc from "fast-check";
import { writer } from "../../fuzz/fuzz";
import { NoOracle } from "../../fuzz/no-oracle";
import { type Oracles, runHere } from "../../fuzz/oracles";
import { WRITERS } from "../../fuzz/writers";

const oracles: Oracles = {
  here: runHere,
  host: () => Promise.reject(new NoOracle("no host in this ring")),
};

/** What every machine with the tests has; the others are in `npm run fuzz`, and in test/ssh and test/hosts. */
const ANYWHERE = [
  "shell words, dash",
  "scripts within scripts",
  "lines of a login shell, dash",
  "answers",
  "JSON for scripts",
];

test.each(ANYWHERE)("%s: what is written is read as it was", async (name) => {
  const found = WRITERS.find((one) => one.name === name);
  const { cases, difference, missing } = (await found?.fuzz(oracles, 1, 200)) ?? {};
  expect([cases, difference, missing]).toEqual([200, undefined, undefined]);
});

test("writers have different names", () => {
  const names = WRITERS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("a whole run has 200,000 cases", () => {
  expect(WRITERS.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThanOrEqual(200_000);
});

/** A writer that forgets something, and a program that reads what it is given. */
function forgetful(differences: (values: readonly string[]) => readonly (string | undefined)[]) {
  return writer<string, string>({
    ...{ name: "forgetful", functions: "none", program: "none", where: "anywhere", share: 1, batch: 20 },
    values: fc.string({ unit: fc.constantFrom("a", "b", "$"), maxLength: 10 }),
    write: (value) => {
      if (value.startsWith("b")) throw new RangeError("no b");
      return value;
    },
    differences: async (batch) => differences(batch.map(({ value }) => value)),
  });
}

test("a difference ends in its smallest value", async () => {
  const tally = await forgetful((values) => values.map((value) => (value.includes("$") ? "lost" : undefined))).fuzz(
    oracles,
    1,
    1000,
  );
  expect(tally).toMatchObject({ cases: 20, difference: { value: '"$"', what: "lost" } });
  expect(tally.accepted + tally.refused).toBe(20);
  expect(tally.refused).toBeGreaterThan(0);
});

test("a value that spoils the reading of all others is found among them", async () => {
  const spoilt = forgetful((values) =>
    values.map(() => (values.some((value) => value.includes("$")) ? "spoilt" : undefined)),
  );
  expect(await spoilt.fuzz(oracles, 1, 1000)).toMatchObject({ difference: { value: '"$"', what: "spoilt" } });
});

test("without its program, a writer has no cases, and says so", async () => {
  const program = forgetful(() => {
    throw new NoOracle("nobody reads");
  });
  expect(await program.fuzz(oracles, 1, 1000)).toEqual({
    ...{ writer: "forgetful", cases: 0, accepted: 0, refused: 0 },
    missing: "nobody reads",
  });
});

test("the same seed has the same cases, and a mistake in the code is no refusal", async () => {
  const seen: string[][] = [[], [], []];
  for (const [index, seed] of [7, 7, 8].entries()) {
    const note = forgetful((values) => {
      seen[index]?.push(...values);
      return values.map(() => undefined);
    });
    await note.fuzz(oracles, seed, 50);
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).not.toEqual(seen[0]);
  const broken = writer<string, string>({
    ...{ name: "broken", functions: "none", program: "none", where: "anywhere", share: 1, batch: 20 },
    values: fc.constant("a"),
    write: () => {
      throw new TypeError("Cannot read properties of undefined (reading 'a')");
    },
    differences: async () => [],
  });
  await expect(broken.fuzz(oracles, 1, 1)).rejects.toThrow("Cannot read properties");
});
