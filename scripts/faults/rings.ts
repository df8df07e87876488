import { dirname } from "node:path";
import type { Log } from "../tools/log";
import { Copy } from "./copy";
import { type Fault, inGroups } from "./fault";

/** What notices faults: a test file each; those that nothing noticed are left out. */
export type Noticed = ReadonlyMap<Fault, string>;

/** As many copies as there are processors to count on. */
const COPIES = 2;

const UNIT = ["--selectProjects", "unit"];

/** How many faults are in at once on real hosts. */
const TOGETHER = 5;

/**
 * Puts each fault in alone, and runs the tests of the unit ring that use its file, up to the first that fails.
 *
 * @throws Error where the ring fails without any fault.
 */
export function tryUnitRing(faults: readonly Fault[], log: Log): Promise<Noticed> {
  return withCopies(COPIES, async (copies) => {
    const [first] = copies;
    log("without a fault …");
    const broken = (await first?.failing([], UNIT)) ?? [];
    if (broken.length > 0) throw new Error(`the unit ring fails without any fault: ${broken.join(", ")}`);
    const noticed = new Map<Fault, string>();
    const waiting = [...faults];
    const work = async (copy: Copy) => {
      for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
        const test = await firstFailing(copy, fault);
        log(`${test === undefined ? "not noticed" : "noticed"}: ${fault.name}`);
        if (test !== undefined) noticed.set(fault, test);
      }
    };
    await Promise.all(copies.map(work));
    return noticed;
  });
}

/** Those of the folder that mirrors the file's are the likeliest, and quick. */
async function firstFailing(copy: Copy, fault: Fault): Promise<string | undefined> {
  const nearest = dirname(fault.file).replace("provider", "test/unit");
  for (const tests of [
    ["--passWithNoTests", "--testPathPatterns", nearest],
    ["--passWithNoTests", "--findRelatedTests", fault.file],
  ]) {
    const [test] = await copy.failing([fault], [...UNIT, "--runInBand", "--bail", ...tests]);
    if (test !== undefined) return test;
  }
  return undefined;
}

/** Puts a few faults in at a time. Each has to fail its own test file; `all` runs the other tests of the ring with them. */
export function tryHostsRing(faults: readonly Fault[], all: boolean, log: Log): Promise<Noticed> {
  return withCopies(1, async (copies) => {
    const noticed = new Map<Fault, string>();
    for (const group of inGroups(faults, TOGETHER)) {
      const tests = group.flatMap(({ hosts }) => hosts ?? []);
      log(`on real hosts: ${tests.join(" ")} …`);
      for (const copy of copies) {
        const failing = await copy.failing(group, [
          "--selectProjects",
          "hosts",
          ...(all ? [] : ["--runTestsByPath", ...tests]),
        ]);
        for (const fault of group) {
          const test = failing.find((path) => path === fault.hosts);
          log(`${test === undefined ? "not noticed" : "noticed"}: ${fault.name}`);
          if (test !== undefined) noticed.set(fault, test);
        }
      }
    }
    return noticed;
  });
}

async function withCopies<T>(count: number, body: (copies: readonly Copy[]) => Promise<T>): Promise<T> {
  const copies: Copy[] = [];
  try {
    while (copies.length < count) copies.push(await Copy.make());
    return await body(copies);
  } finally {
    for (const copy of copies) await copy.remove();
  }
}
