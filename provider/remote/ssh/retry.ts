import { setTimeout as wait } from "node:timers/promises";
import { DialFailure } from "../errors/dial-failure";
import type { Retries } from "../ssh-config/resolved-connection";

const FIRST_WAIT_SECONDS = 0.5;

/** A try may take at least this long, even if less than that is left of the time. */
const LEAST_SECONDS = 5;

/**
 * Tries until it succeeds, the tries or the time are used up, or another try could not have a different result.
 * Each try gets the number of seconds that it may take.
 */
export async function retry<T>(retries: Retries, attempt: (seconds: number) => Promise<T>): Promise<T> {
  const started = Date.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(Math.max(LEAST_SECONDS, retries.seconds - (Date.now() - started) / 1000));
    } catch (error) {
      if (!(error instanceof DialFailure) || !error.again) throw error;
      const seconds = waitBefore(tries, retries.longestWaitSeconds);
      const spent = (Date.now() - started) / 1000;
      if (tries > retries.count || spent + seconds > retries.seconds) throw afterAll(error, tries, spent);
      await wait(seconds * 1000);
    }
  }
}

// With jitter, so that hundreds of connections that broke together do not come back together.
function waitBefore(tries: number, longestSeconds: number): number {
  const longest = Math.min(longestSeconds, FIRST_WAIT_SECONDS * 2 ** (tries - 1));
  return longest * (0.5 + Math.random() / 2);
}

function afterAll(failure: DialFailure, tries: number, seconds: number): DialFailure {
  if (tries === 1) return failure;
  const happened = `${failure.parts.happened} (${tries} tries in ${Math.round(seconds)} s)`;
  return new DialFailure(failure.kind, { ...failure.parts, happened }, true);
}
