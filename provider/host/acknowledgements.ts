import { lines, run, type Script, type Target, targetKey } from "../remote";
import { sh } from "./sh";

/** Something that a state knows: its marker on the host, and its owner. */
export interface Recorded {
  readonly path: string;
  readonly owner: string;
}

const TIMEOUT_SECONDS = 60;

interface Batch {
  readonly recorded: Recorded[];
  readonly done: Promise<unknown>;
}

/** The batches that are not sent yet, and the last one of each host, sent or not. */
const waiting = new Map<string, Batch>();
const last = new Map<string, Promise<unknown>>();

/**
 * Notes on a host that a create's answer has arrived. What arrives while a note is under way shares the next one, so
 * that eight creates at once do not cost eight round trips.
 */
export async function acknowledge(target: Target, recorded: Recorded, attempt: string): Promise<void> {
  const key = targetKey(target);
  const batch = waiting.get(key) ?? begin(target, key, attempt);
  batch.recorded.push(recorded);
  await batch.done;
}

function begin(target: Target, key: string, attempt: string): Batch {
  const recorded: Recorded[] = [];
  const done = Promise.allSettled([last.get(key)]).then(() => {
    waiting.delete(key);
    return run(target, note(recorded), { attempt, timeoutSeconds: TIMEOUT_SECONDS, retry: true });
  });
  const batch = { recorded, done };
  waiting.set(key, batch);
  last.set(key, done);
  return batch;
}

function note(recorded: readonly Recorded[]): Script {
  return lines(recorded.map(({ path, owner }) => sh`claim_acknowledge ${path} ${owner}`));
}
