import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ResourceDefinition } from "./definition";
import { type Change, effectOf } from "./effects";
import { holdsUnknown, isRecord, UNKNOWN } from "./unknown";

/** Outputs that say that the object on the host differs from what was requested. */
const DRIFT = "drift";
export const UNFINISHED = "unfinished";

/**
 * The differences between the state and the new inputs. Pure, and total: the engine also calls `diff` hypothetically,
 * with any set of keys unknown, so an unknown value counts as changed with its key's effect.
 */
export function changes<I extends object, O extends object>(
  definition: ResourceDefinition<I, O>,
  state: Record<string, unknown>,
  news: Record<string, unknown>,
): readonly Change[] {
  const found = Object.entries(definition.inputs.shape).flatMap(([key, schema]) => {
    if (isDeepStrictEqual(state[key], news[key])) return [];
    const before = normalised(schema, state[key]);
    const after = normalised(schema, news[key]);
    if (isDeepStrictEqual(before, after)) return [];
    const effect = effectOf(key, schema, before, after);
    if (effect === undefined) return [];
    const known = !holdsUnknown(after);
    const detail = known && effect === "reinstall" ? listed(before, after) : undefined;
    return [{ key, effect, known, ...(detail !== undefined && { detail }) }];
  });
  return definition.effects?.(found, state, news) ?? found;
}

/**
 * Both sides are normalised, so that a new default in a newer version is not a change. A missing required input is
 * unknown: `check` accepts it in an update, and the engine skips the step.
 */
function normalised(schema: z.core.$ZodType, value: unknown): unknown {
  if (holdsUnknown(value)) return value;
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  return value === undefined ? UNKNOWN : value;
}

function listed(before: unknown, after: unknown): string | undefined {
  const texts = (list: unknown) => (Array.isArray(list) ? list.filter((item) => typeof item === "string") : []);
  const [olds, news] = [texts(before), texts(after)];
  const come = news.filter((item) => !olds.includes(item)).map((item) => `+${item}`);
  const leave = olds.filter((item) => !news.includes(item)).map((item) => `-${item}`);
  return come.length + leave.length === 0 ? undefined : [...come, ...leave].join(", ");
}

/** Whether the last read or a failed update left something to repair. */
export function needsRepair(state: Record<string, unknown>): boolean {
  return state[UNFINISHED] === true || driftedKeys(state).length > 0;
}

function driftedKeys({ [DRIFT]: drift }: Record<string, unknown>): string[] {
  return isRecord(drift) ? Object.keys(drift) : [];
}

/** A refresh would show an empty list of differences as a change of each resource. */
export function withoutEmptyDrift(state: Record<string, unknown>): Record<string, unknown> {
  const { [DRIFT]: _drift, ...rest } = state;
  return driftedKeys(state).length > 0 ? state : rest;
}

/** Only a known new value replaces: a value that is unknown in a preview may turn out to be the same. */
export function replacements(found: readonly Change[]): string[] {
  return found.filter((change) => change.effect === "replace" && change.known).map((change) => change.key);
}

/**
 * `restart: hostname, mounts; reinstall: packages (+git)`, or `undefined` if nothing is worth a line. An unknown value,
 * such as the ID of a root that does not exist yet, is reported only if it restarts: other effects may not happen, for
 * example when the engine asks hypothetically.
 */
export function label(found: readonly Change[], state: Record<string, unknown>): string | undefined {
  const shown = found.filter(({ effect, known }) => effect === "restart" || (known && effect !== "state"));
  const effects = [...new Set(shown.map((change) => change.effect))].map((effect) => {
    const its = shown.filter((change) => change.effect === effect);
    const keys = its.map(({ key, detail }) => (detail === undefined ? key : `${key} (${detail})`));
    return `${effect}: ${keys.join(", ")}`;
  });
  const words = [...effects, ...repairs(state)];
  return words.length === 0 ? undefined : words.join("; ");
}

function repairs(state: Record<string, unknown>): string[] {
  if (state[UNFINISHED] === true) return ["repair: the last update did not finish"];
  const drifted = driftedKeys(state);
  return drifted.length > 0 ? [`repair: ${drifted.join(", ")}`] : [];
}
