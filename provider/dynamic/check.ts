import { z } from "zod";
import { didYouMean } from "../unknown-keys";
import type { ResourceDefinition } from "./definition";
import { messageOfIssue, sentenceOf } from "./issues";
import { refusalsIn } from "./refusal";
import { SECRET_INPUTS } from "./secrets";
import { holdsUnknown, isMissing, memberAt, unknownAt } from "./unknown";

interface Failure {
  /** Always empty: with a name, the engine would print the property's value, secrets too. */
  readonly property: "";
  readonly reason: string;
}

export interface Checked {
  readonly inputs: Record<string, unknown>;
  readonly failures: readonly Failure[];
}

/** Keys that the classes send in addition to a resource's inputs. */
const BOOKKEEPING = ["__provider", "__urn", "_v", "__preview", SECRET_INPUTS] as const;

/**
 * Validates and normalises inputs and fills in defaults. An input that contains an unknown value passes as it is, but
 * errors in its known parts are still reported.
 *
 * In an update the engine leaves unknown values out. They occur below a resource that failed under
 * `--continue-on-error`: its dependents are checked, and then skipped. A failure here would end the whole update, so
 * only a preview reports missing inputs; `create` and `update` refuse them too
 * (docs/decisions/0012-unknown-in-updates.md).
 */
export function check<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
): Checked {
  const { shape } = definition.inputs;
  const bookkeeping = new Set<string>(BOOKKEEPING);
  const keys = Object.keys(news).filter((key) => !bookkeeping.has(key));
  const reasons = unknownInputs(definition.kind, keys, shape);
  const inputs: Record<string, unknown> = {};
  let complete = true;
  for (const [key, schema] of Object.entries(shape)) {
    const parsed = parseKey(key, schema, news[key], news.__preview === true);
    if (parsed.value !== undefined) inputs[key] = parsed.value;
    complete &&= parsed.complete;
    reasons.push(...parsed.reasons);
  }
  if (complete && reasons.length === 0 && !holdsUnknown(inputs)) {
    const parsed = definition.inputs.parse(inputs);
    reasons.push(
      ...uniquenessViolations(definition, parsed, String(news.__urn)),
      ...violations(definition, olds, parsed),
    );
  }
  const state = stateOf(String(news.__urn), olds);
  if (complete && reasons.length === 0) Object.assign(inputs, definition.computed?.(inputs, state));
  for (const key of ["__urn", "_v", SECRET_INPUTS]) if (key in news) inputs[key] = news[key];
  return { inputs, failures: reasons.map((reason) => ({ property: "", reason })) };
}

/** Sentences that refuse keys that are no inputs. */
export function unknownInputs(kind: string, keys: readonly string[], shape: z.core.$ZodShape): string[] {
  const known = Object.keys(shape);
  return keys
    .filter((key) => !known.includes(key))
    .map(
      (key) => `"${key}" is not an input of ${kind}${didYouMean([key], known)}. Its inputs are ${known.join(", ")}.`,
    );
}

/** The inputs that a program gave, without defaults. */
export function given(news: Record<string, unknown>): readonly string[] {
  const bookkeeping = new Set<string>(BOOKKEEPING);
  return Object.keys(news).filter((key) => !bookkeeping.has(key) && news[key] !== undefined);
}

// One provider process serves one preview or one update of one program.
const claimants = new Map<string, string>();
const states = new Map<string, Readonly<Record<string, unknown>>>();

/** The engine checks what it replaces a second time, without its state (step_generator.go of pulumi/pulumi). */
function stateOf(urn: string, olds: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (Object.keys(olds).length > 0) states.set(urn, olds);
  return states.get(urn) ?? olds;
}

function uniquenessViolations<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  inputs: I,
  urn: string,
): readonly string[] {
  const keys = definition.uniqueKeys?.(inputs) ?? [];
  return keys.flatMap((key) => {
    const claimant = claimants.get(key) ?? urn;
    claimants.set(key, claimant);
    if (claimant === urn) return [];
    return [`${key} is already claimed by ${claimant}. Change one of the two.`];
  });
}

function violations<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  olds: Record<string, unknown>,
  inputs: I,
): readonly string[] {
  if (definition.validate === undefined) return [];
  const before = definition.inputs.safeParse(onlyKeys(olds, definition.inputs.shape));
  return definition.validate(inputs, before.success ? before.data : undefined, olds);
}

/** The part of a record whose keys are in a shape. */
export function onlyKeys(record: Record<string, unknown>, shape: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key in shape));
}

interface ParsedKey {
  readonly value: unknown;
  readonly reasons: readonly string[];
  /** False if something is missing that may only be unknown. */
  readonly complete: boolean;
}

function parseKey(key: string, schema: z.core.$ZodType, value: unknown, preview: boolean): ParsedKey {
  const refused = refusedFor(key, value);
  if (refused.length > 0) return { value, reasons: refused, complete: true };
  const result = z.safeParse(schema, value, { error: messageOfIssue });
  if (result.success && !holdsUnknown(value)) return { value: result.data, reasons: [], complete: true };
  const issues = result.success ? [] : result.error.issues.filter((issue) => !unknownAt(value, issue.path));
  const reported = preview ? issues : issues.filter((issue) => !isMissing(value, issue));
  const reasons = reported.map((issue) => explain(issue, key));
  return { value, reasons, complete: reported.length === issues.length };
}

/**
 * What is wrong with the known parts of a value that a program gives as it is. A rule that reads several parts waits
 * until all of them are known.
 */
export function problemsOfKey(key: string, schema: z.core.$ZodType, value: unknown): readonly string[] {
  const refused = refusedFor(key, value);
  if (refused.length > 0) return refused;
  const result = z.safeParse(schema, value, { error: messageOfIssue });
  if (result.success) return [];
  const issues = result.error.issues.filter(({ code, path }) => {
    const ofOnePart = code === "unrecognized_keys" || code === "invalid_type";
    return !unknownAt(value, path) && (ofOnePart || !holdsUnknown(memberAt(value, path)));
  });
  return issues.map((issue) => explain(issue, key));
}

function refusedFor(key: string, value: unknown): string[] {
  return refusalsIn(value).map((reason) => `${key}: ${reason}`);
}

/** What is wrong with inputs, worded as in `check`. */
export function explainAll(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map((issue) => explain(issue)).join("; ");
}

function explain(issue: z.core.$ZodIssue, ...within: string[]): string {
  return `${[...within, ...issue.path.map(String)].join(".")}: ${sentenceOf(issue)}`;
}
