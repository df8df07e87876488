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

/** Who waits for notes, and whether a state will have what is noted. */
export interface Recorder {
  /** What is attempted, for an error. */
  readonly attempt: string;
  /** Whether somebody is there to record it: a provider outlives a killed engine for a moment. */
  readonly isThere: () => Promise<boolean>;
}

/** The batches that are not sent yet, and the last one of each host, sent or not. */
const waiting = new Map<string, Batch>();
const last = new Map<string, Promise<unknown>>();

/**
 * Notes on a host that a create's answer has arrived. What arrives while a note is under way shares the next one, so
 * that eight creates at once do not cost eight round trips. A note is taken back if nobody is there any more when it is
 * made: an engine that is killed meanwhile records nothing.
 *
 * @throws Error if nobody records it.
 */
export async function acknowledge(target: Target, recorded: Recorded, recorder: Recorder): Promise<void> {
  const key = targetKey(target);
  const batch = waiting.get(key) ?? begin(target, key, recorder);
  batch.recorded.push(recorded);
  await batch.done;
}

/** Resolves when no note is under way. */
export async function acknowledgementsSettled(): Promise<void> {
  await Promise.allSettled(last.values());
}

function begin(target: Target, key: string, { attempt, isThere }: Recorder): Batch {
  const recorded: Recorded[] = [];
  const send = (note: (one: Recorded) => Script) =>
    run(target, lines(recorded.map(note)), { attempt, timeoutSeconds: TIMEOUT_SECONDS, retry: true });
  const done = Promise.allSettled([last.get(key)]).then(async () => {
    waiting.delete(key);
    if (!(await isThere())) throw nobody();
    await send(noteOf);
    if (await isThere()) return;
    await send(withdrawalOf);
    throw nobody();
  });
  const batch = { recorded, done };
  waiting.set(key, batch);
  last.set(key, done);
  return batch;
}

export function noteOf({ path, owner }: Recorded): Script {
  return sh`claim_acknowledge ${path} ${owner}`;
}

export function withdrawalOf({ path, owner }: Recorded): Script {
  return sh`claim_withdraw ${path} ${owner}`;
}

function nobody(): Error {
  return new Error("the engine has ended, and nothing records what was created");
}
