import { HostError, type HostErrorParts, RefusedError } from "../remote";
import { explainOtherHost } from "./identity";

/** What a refusal means to the user: what happened, and what to do about it. */
export type Sentence = Pick<HostErrorParts, "happened" | "advice" | "details">;

/** What a script saw; an empty string for each value that it did not give. */
type Seen = readonly [first: string, second: string, third: string, fourth: string];

/** The sentences for refusals of scripts, by code. */
export type Refusals<Inputs = unknown> = Readonly<Record<string, (seen: Seen, inputs: Inputs) => Sentence>>;

/** The sentence for a code, from the first of these that has one. */
export function sentenceFor<Inputs>(
  refusals: readonly Refusals<Inputs>[],
  code: string,
  [first = "", second = "", third = "", fourth = ""]: readonly string[],
  inputs: Inputs,
): Sentence | undefined {
  const say = refusals.find((table) => Object.hasOwn(table, code))?.[code];
  return say?.([first, second, third, fourth], inputs);
}

/** A refusal as an error that the user understands; any other error unchanged. */
export function explained<Inputs>(error: unknown, refusals: readonly Refusals<Inputs>[], inputs: Inputs): unknown {
  if (!(error instanceof RefusedError)) return error;
  const sentence = sentenceFor(refusals, error.code, error.values, inputs);
  return sentence === undefined
    ? explainOtherHost(error)
    : new HostError({ ...error.parts, ...sentence, cause: error });
}
