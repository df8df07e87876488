import { RunError } from "@pulumi/pulumi";
import fc from "fast-check";
import { z } from "zod";
import { DialFailure } from "../../provider/remote/errors/dial-failure";
import { NoOracle } from "./no-oracle";
import type { Oracles } from "./oracles";
import type { WriterSpec, Written } from "./writer";

/** What came of the cases of one writer. */
export interface Tally {
  readonly writer: string;
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  /** The smallest case found that the program reads differently. */
  readonly difference?: Difference;
  /** Why there was no program to judge. */
  readonly missing?: string;
}

interface Difference {
  readonly value: string;
  readonly what: string;
}

/** A writer of any kind of value. */
export interface Writer {
  readonly name: string;
  readonly functions: string;
  readonly program: string;
  readonly where: "anywhere" | "host";
  readonly share: number;
  readonly fuzz: (oracles: Oracles, seed: number, cases: number) => Promise<Tally>;
}

/** How long the search for a smaller case may take. */
const SHRINK_SECONDS = 60;

/** A writer whose cases a seed chooses. The first batch with a difference is the last one. */
export function writer<T, W>(spec: WriterSpec<T, W>): Writer {
  const { name, functions, program, where, share, batch } = spec;
  return {
    ...{ name, functions, program, where, share },
    fuzz: async (oracles, seed, cases) => {
      let accepted = 0;
      for (let done = 0; done < cases; done += batch) {
        const chosen = { seed: (seed + done) | 0, numRuns: Math.min(batch, cases - done) };
        const values = fc.sample(spec.values, chosen);
        const taken = values.flatMap((value, index) =>
          attempt(spec, value).map((written) => ({ index, value, written })),
        );
        accepted += taken.length;
        const judged = await judge(spec, taken, oracles);
        if (typeof judged === "string") return { writer: name, cases: 0, accepted: 0, refused: 0, missing: judged };
        const suspects = taken.flatMap((one, at) => {
          const what = judged[at];
          return what === undefined ? [] : [{ ...one, what }];
        });
        const [first] = suspects;
        if (first === undefined) continue;
        const found = await firstAlone(spec, oracles, chosen.seed, suspects);
        const seen = Math.min(done + batch, cases);
        const difference = found ?? {
          value: fc.stringify(first.value),
          what: `${first.what} (only together with the others of its batch)`,
        };
        return { writer: name, cases: seen, accepted, refused: seen - accepted, difference };
      }
      return { writer: name, cases, accepted, refused: cases - accepted };
    },
  };
}

/** What is written for a value; nothing if it is refused. */
function attempt<T, W>({ write }: WriterSpec<T, W>, value: T): readonly W[] {
  try {
    return [write(value)];
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}

/** Errors for a user. A mistake in the code has a message of the engine, which begins otherwise. */
function isRefusal(error: unknown): boolean {
  if (error instanceof TypeError) return !/^Cannot |is not a function|is not iterable|undefined/.test(error.message);
  return [RangeError, RunError, z.ZodError, DialFailure].some((kind) => error instanceof kind);
}

async function judge<T, W>(
  { differences }: WriterSpec<T, W>,
  taken: readonly Written<T, W>[],
  oracles: Oracles,
): Promise<readonly (string | undefined)[] | string> {
  if (taken.length === 0) return [];
  try {
    return await differences(taken, oracles);
  } catch (error) {
    if (error instanceof NoOracle) return error.message;
    throw error;
  }
}

/** The smallest case, from the first that differs alone: one bad value may spoil what is read for all others. */
async function firstAlone<T, W>(
  spec: WriterSpec<T, W>,
  oracles: Oracles,
  seed: number,
  suspects: readonly (Written<T, W> & { readonly index: number })[],
): Promise<Difference | undefined> {
  for (const { index, ...one } of suspects) {
    const [what] = await spec.differences([one], oracles);
    if (what === undefined) continue;
    return (await smallest(spec, oracles, seed, index)) ?? { value: fc.stringify(one.value), what };
  }
  return undefined;
}

/** The smallest case that the library finds, from the one of this index. */
async function smallest<T, W>(
  spec: WriterSpec<T, W>,
  oracles: Oracles,
  seed: number,
  index: number,
): Promise<Difference | undefined> {
  let last: Difference | undefined;
  const property = fc.asyncProperty(spec.values, async (value) => {
    const [written] = attempt(spec, value);
    if (written === undefined) return true;
    const [what] = await spec.differences([{ value, written }], oracles);
    if (what !== undefined) last = { value: fc.stringify(value), what };
    return what === undefined;
  });
  await fc.check(property, {
    seed,
    path: `${index}`,
    numRuns: 1,
    interruptAfterTimeLimit: SHRINK_SECONDS * 1000,
    markInterruptAsFailure: false,
  });
  return last;
}
