import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { visible } from "../remote";
import { problemsOfKey, unknownInputs } from "./check";
import { isRecord, UNKNOWN } from "./unknown";

type Shape = z.core.$ZodShape;

/**
 * Refuses what a program gives as it is: values, wrong kinds of them, misspelled keys. What is an Output is checked once
 * it is known, by the resource's check.
 *
 * @throws RunError, which Pulumi shows in one line, without a stack trace, and before anything is done.
 */
export function expectLiterals(what: string, kind: string, shape: Shape, given: object): void {
  const values = literalsOf(given);
  const problems = isRecord(values) ? problemsOf(kind, shape, values) : [];
  if (problems.length > 0) refuseLiterals(what, problems);
}

/** @throws RunError with the problems of something that a program gave. */
export function refuseLiterals(what: string, problems: readonly string[]): never {
  throw new pulumi.RunError(visible(`${what}: ${problems.join("; ")}`));
}

/** What is wrong with values by key, of which some may be unknown. */
export function problemsOf(kind: string, shape: Shape, values: Readonly<Record<string, unknown>>): string[] {
  const wrong = Object.entries(shape).flatMap(([key, schema]) => problemsOfKey(key, schema, values[key]));
  return [...unknownInputs(kind, Object.keys(values), shape), ...wrong];
}

/** A value with the unknown sentinel in place of what will be known only later. */
export function literalsOf(value: unknown): unknown {
  if (isLater(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map(literalsOf);
  if (!isRecord(value)) return value;
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(given.map(([key, one]) => [key, literalsOf(one)]));
}

/** Whether a value is known only later, or is a resource, which is passed on as one. */
function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise || pulumi.Resource.isInstance(value);
}

/** What is made of a value, also of one that is known only later. `make` must not throw. */
export function whenKnown(given: unknown, make: (value: unknown) => unknown): unknown {
  return isLater(given) && !pulumi.Resource.isInstance(given)
    ? pulumi.all([given]).apply(([value]) => make(value))
    : make(given);
}
