import { isRecord } from "./unknown";

/** The key of a value that stands for one that could not be made. */
const REFUSED = "__refused";

/**
 * In place of an input that a class cannot make from what the program gives. The check refuses it with this sentence: an
 * error that is thrown where an Output is resolved is a stack trace, and ends the program long before the engine.
 */
export function refusal(sentence: string): Record<string, string> {
  return { [REFUSED]: sentence };
}

/** The sentences of all refusals in a value. */
export function refusalsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refusalsIn);
  if (!isRecord(value)) return [];
  const own = value[REFUSED];
  return typeof own === "string" ? [own] : Object.values(value).flatMap(refusalsIn);
}
