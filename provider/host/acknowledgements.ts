import { lines, run, type Script, type Target } from "../remote";
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

const batches = new Map<string, Batch>();
const running = new Map<string, Promise<unknown>>();

/**
 * Notes on a host that a create's answer has arrived. What arrives while a note is under way shares the next one, so
 * that eight creates at once do not cost eight round trips.
 */
export async function acknowledge(target: Target, recorded: Recorded, attempt: string): Promise<void> {
  const key = JSON.stringify([target.connection, target.credentials ?? null]);
  const waiting = batches.get(key);
  if (waiting !== undefined) {
    waiting.recorded.push(recorded);
    await waiting.done;
    return;
  }
  const batch: Recorded[] = [recorded];
  const done = (running.get(key) ?? Promise.resolve())
    .catch(() => undefined)
    .then(() => {
      batches.delete(key);
      const sent = run(target, note(batch), { attempt, timeoutSeconds: TIMEOUT_SECONDS, retry: true });
      running.set(key, sent);
      return sent.finally(() => {
        if (running.get(key) === sent) running.delete(key);
      });
    });
  batches.set(key, { recorded: batch, done });
  await done;
}

function note(recorded: readonly Recorded[]): Script {
  return lines(recorded.map(({ path, owner }) => sh`claim_acknowledge ${path} ${owner}`));
}
