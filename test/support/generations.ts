import { type Suite, suites } from "./hosts";

/** Whether tests that have a choice run in every combination, and not in as many as there is usually time for. */
export const everyCombination = process.env.EVERY_COMBINATION === "1";

/** The generations of hosts that a test runs on. */
export function generations(...usual: Suite[]): readonly Suite[] {
  return everyCombination ? suites : usual;
}
