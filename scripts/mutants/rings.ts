import type { Log } from "../tools/log";
import { Copy } from "./copy";
import { inGroups, type Mutant } from "./mutant";

/** The test file that notices each mutant; mutants that nothing noticed are left out. */
export type Noticed = ReadonlyMap<Mutant, string>;

/** A run of one mutant keeps one processor busy. */
const AT_ONCE = 2;

/** How many mutants are in place at a time on real hosts. */
const TOGETHER = 5;

const UNIT = ["--selectProjects", "unit"];
const HOSTS = ["--selectProjects", "hosts", "--maxWorkers", "3"];

/**
 * Puts each mutant in alone, and runs the tests of the unit ring that use its file, until the first one fails.
 *
 * @throws Error if the ring fails without any mutant.
 */
export async function tryUnitRing(mutants: readonly Mutant[], log: Log): Promise<Noticed> {
  log("without a mutant …");
  const broken = await withCopy((copy) => copy.failing([], [...UNIT, "--maxWorkers", "100%"]));
  if (broken.length > 0) throw new Error(`the unit ring fails without any mutant: ${broken.join(", ")}`);
  const noticed = new Map<Mutant, string>();
  const waiting = [...mutants];
  const work = async (copy: Copy) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      note(noticed, mutant, await firstFailing(copy, mutant), log);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => withCopy(work)));
  return noticed;
}

/** Tests of the same layer are the likeliest to fail, and quick. */
async function firstFailing(copy: Copy, mutant: Mutant): Promise<string | undefined> {
  const [, layer] = mutant.file.split("/");
  const nearest = ["--testPathPatterns", `test/unit/${layer}/`];
  const related = ["--findRelatedTests", mutant.file];
  for (const tests of [nearest, related]) {
    const [test] = await copy.failing(
      [mutant],
      [...UNIT, "--maxWorkers", "1", "--bail", "--passWithNoTests", ...tests],
    );
    if (test !== undefined) return test;
  }
  return undefined;
}

/** Puts a few mutants in at a time. Each must fail its own test file; `all` also runs the other tests of the ring. */
export function tryHostsRing(mutants: readonly Mutant[], all: boolean, log: Log): Promise<Noticed> {
  return withCopy(async (copy) => {
    const noticed = new Map<Mutant, string>();
    for (const group of inGroups(mutants, TOGETHER)) {
      const tests = group.flatMap(({ hosts }) => hosts ?? []);
      if (tests.length === 0) continue;
      log(`on real hosts: ${tests.join(" ")} …`);
      const failing = await copy.failing(group, [...HOSTS, ...(all ? [] : ["--runTestsByPath", ...tests])]);
      for (const mutant of group)
        note(
          noticed,
          mutant,
          failing.find((test) => test === mutant.hosts),
          log,
        );
    }
    return noticed;
  });
}

function note(noticed: Map<Mutant, string>, mutant: Mutant, test: string | undefined, log: Log): void {
  log(`${test === undefined ? "not noticed" : "noticed"}: ${mutant.name}`);
  if (test !== undefined) noticed.set(mutant, test);
}

async function withCopy<T>(body: (copy: Copy) => Promise<T>): Promise<T> {
  const copy = await Copy.make();
  try {
    return await body(copy);
  } finally {
    await copy.remove();
  }
}
