import { CommandError, HostError, RefusedError } from "../remote";
import { explainFailure, explainFullRefusal } from "./failures";
import { explainOtherHost } from "./identity";
import type { Refusals } from "./refusal-table";
import type { Sentence } from "./sentence";
import { writeRefusals } from "./write-refusals";

export type { Refusals } from "./refusal-table";
export type { Sentence } from "./sentence";

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

/** What a script's failure or refusal means, as an error that the user understands; any other error unchanged. */
export function explained<Inputs>(error: unknown, refusals: readonly Refusals<Inputs>[], inputs: Inputs): unknown {
  if (error instanceof CommandError) return explainFailure(error);
  if (!(error instanceof RefusedError)) return error;
  const full = Object.hasOwn(writeRefusals, error.code) ? undefined : explainFullRefusal(error);
  if (full !== undefined) return full;
  const sentence = sentenceFor(refusals, error.code, error.values, inputs);
  return sentence === undefined
    ? explainOtherHost(error)
    : new HostError({ ...error.parts, ...sentence, cause: error });
}
