import { type Suite, suites } from "./hosts";

/** Debian's stable release, on which every test on hosts runs. */
export const stable: Suite = "trixie";

/** Whether tests that have a choice run in every combination, and not in as many as there is usually time for. */
export const everyCombination = process.env.EVERY_COMBINATION === "1";

/** Whether this is `npm run test:all`. */
const everyGeneration = everyCombination || process.env.EVERY_GENERATION === "1";

/** The generations of hosts that a test runs on: the stable one, and in `npm run test:all` the others that it names too. */
export function generations(...others: Suite[]): readonly Suite[] {
  if (everyCombination) return suites;
  return everyGeneration ? [stable, ...others] : [stable];
}

/** Those of a test's cases, of which each has more to it than its generation, that are run. */
export function ofGenerations<T extends { readonly suite: Suite }>(cases: readonly T[]): readonly T[] {
  return everyGeneration ? cases : cases.filter(({ suite }) => suite === stable);
}
