import { performance } from "node:perf_hooks";
import type { Pair } from "./figures";

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Runs both alternately, swapping the order every second round, so that warm-up and slow-down of the machine affect
 * both.
 */
export async function rounds<T>(count: number, ours: () => Promise<T>, baseline: () => Promise<T>): Promise<Pair<T>[]> {
  const pairs: Pair<T>[] = [];
  for (let round = 0; round < count; round += 1) {
    if (round % 2 === 0) pairs.push({ ours: await ours(), baseline: await baseline() });
    else {
      const first = await baseline();
      pairs.push({ ours: await ours(), baseline: first });
    }
  }
  return pairs;
}
