import { type Suite, suites } from "./hosts";

/** Debian's stable release, which every test on hosts runs on. */
export const stable: Suite = "trixie";

/** Whether tests that have a choice run in every combination, instead of the few that there is usually time for. */
export const everyCombination = process.env.EVERY_COMBINATION === "1";

/** Whether this is `npm run test:all`. */
const everyGeneration = everyCombination || process.env.EVERY_GENERATION === "1";

/** The generations of hosts that a test runs on: stable, and in `npm run test:all` also the others that it names. */
export function generations(...others: Suite[]): readonly Suite[] {
  if (everyCombination) return suites;
  return everyGeneration ? [stable, ...others] : [stable];
}

/** The cases of a test that are run, if each case has more to it than its generation. */
export function ofGenerations<T extends { readonly suite: Suite }>(cases: readonly T[]): readonly T[] {
  return everyGeneration ? cases : cases.filter(({ suite }) => suite === stable);
}
