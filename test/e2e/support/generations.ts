import { type Suite, suites } from "../../hosts";

/**
 * The generations of hosts that a test runs on: those named, as many as there is time for, or with `ALL_GENERATIONS=1` every one.
 */
export function generations(...usual: Suite[]): readonly Suite[] {
  return process.env.ALL_GENERATIONS === "1" ? suites : usual;
}
