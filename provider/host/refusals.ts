import { HostError, RefusedError } from "../remote";
import { explainOtherHost } from "./identity";
import type { Refusals, Sentence } from "./refusal-table";
import { writeRefusals } from "./write-refusals";

export type { Refusals, Sentence } from "./refusal-table";

/** The sentence for a code, from the first of these that has one; any script may fail to write. */
export function sentenceFor<Inputs>(
  refusals: readonly Refusals<Inputs>[],
  code: string,
  [first = "", second = "", third = "", fourth = ""]: readonly string[],
  inputs: Inputs,
): Sentence | undefined {
  const say = [...refusals, writeRefusals].find((table) => Object.hasOwn(table, code))?.[code];
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
