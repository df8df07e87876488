import { setTimeout as wait } from "node:timers/promises";
import { DialFailure } from "../errors/dial-failure";

const FIRST_WAIT_SECONDS = 0.5;
const LONGEST_WAIT_SECONDS = 20;

/** How often to try again, and for how long in total. */
export interface Retries {
  readonly count: number;
  readonly seconds: number;
}

/** Tries until it succeeds, the tries or the time are used up, or another try could not have a different result. */
export async function retry<T>(retries: Retries, attempt: () => Promise<T>): Promise<T> {
  const started = Date.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof DialFailure) || !error.again) throw error;
      const seconds = waitBefore(tries);
      const spent = (Date.now() - started) / 1000;
      if (tries > retries.count || spent + seconds > retries.seconds) throw afterAll(error, tries, spent);
      await wait(seconds * 1000);
    }
  }
}

// With jitter, so that hundreds of connections that broke together do not come back together.
function waitBefore(tries: number): number {
  const longest = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (tries - 1));
  return longest * (0.5 + Math.random() / 2);
}

function afterAll(failure: DialFailure, tries: number, seconds: number): DialFailure {
  if (tries === 1) return failure;
  const happened = `${failure.parts.happened} (${tries} tries in ${Math.round(seconds)} s)`;
  return new DialFailure(failure.kind, { ...failure.parts, happened }, true);
}
