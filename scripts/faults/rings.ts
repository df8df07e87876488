import type { Log } from "../tools/log";
import { Copy } from "./copy";
import { type Fault, inGroups } from "./fault";

/** The test file that notices each fault; faults that nothing noticed are left out. */
export type Noticed = ReadonlyMap<Fault, string>;

/** A run of one fault keeps one processor busy. */
const AT_ONCE = 2;

/** How many faults are in place at a time on real hosts. */
const TOGETHER = 5;

const UNIT = ["--selectProjects", "unit"];
const HOSTS = ["--selectProjects", "hosts", "--maxWorkers", "3"];

/**
 * Puts each fault in alone, and runs the tests of the unit ring that use its file, until the first one fails.
 *
 * @throws Error if the ring fails without any fault.
 */
export async function tryUnitRing(faults: readonly Fault[], log: Log): Promise<Noticed> {
  log("without a fault …");
  const broken = await withCopy((copy) => copy.failing([], [...UNIT, "--maxWorkers", "100%"]));
  if (broken.length > 0) throw new Error(`the unit ring fails without any fault: ${broken.join(", ")}`);
  const noticed = new Map<Fault, string>();
  const waiting = [...faults];
  const work = async (copy: Copy) => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      note(noticed, fault, await firstFailing(copy, fault), log);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => withCopy(work)));
  return noticed;
}

/** Tests of the same layer are the likeliest to fail, and quick. */
async function firstFailing(copy: Copy, fault: Fault): Promise<string | undefined> {
  const [, layer] = fault.file.split("/");
  const nearest = ["--testPathPatterns", `test/unit/${layer}/`];
  const related = ["--findRelatedTests", fault.file];
  for (const tests of [nearest, related]) {
    const [test] = await copy.failing([fault], [...UNIT, "--maxWorkers", "1", "--bail", "--passWithNoTests", ...tests]);
    if (test !== undefined) return test;
  }
  return undefined;
}

/** Puts a few faults in at a time. Each must fail its own test file; `all` also runs the other tests of the ring. */
export function tryHostsRing(faults: readonly Fault[], all: boolean, log: Log): Promise<Noticed> {
  return withCopy(async (copy) => {
    const noticed = new Map<Fault, string>();
    for (const group of inGroups(faults, TOGETHER)) {
      const tests = group.flatMap(({ hosts }) => hosts ?? []);
      if (tests.length === 0) continue;
      log(`on real hosts: ${tests.join(" ")} …`);
      const failing = await copy.failing(group, [...HOSTS, ...(all ? [] : ["--runTestsByPath", ...tests])]);
      for (const fault of group)
        note(
          noticed,
          fault,
          failing.find((test) => test === fault.hosts),
          log,
        );
    }
    return noticed;
  });
}

function note(noticed: Map<Fault, string>, fault: Fault, test: string | undefined, log: Log): void {
  log(`${test === undefined ? "not noticed" : "noticed"}: ${fault.name}`);
  if (test !== undefined) noticed.set(fault, test);
}

async function withCopy<T>(body: (copy: Copy) => Promise<T>): Promise<T> {
  const copy = await Copy.make();
  try {
    return await body(copy);
  } finally {
    await copy.remove();
  }
}
