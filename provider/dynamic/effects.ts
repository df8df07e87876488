import { z } from "zod";

/**
 * The effect of changing an input, from the gentlest to the most drastic.
 *
 * - `state`: recorded; no connection is opened.
 * - `live`: applied while the machine runs.
 * - `reinstall`: packages are added or removed in place, inside the root.
 * - `restart`: the machine stops and starts once.
 * - `replace`: a new object replaces the old one.
 */
export const EFFECTS = ["state", "live", "reinstall", "restart", "replace"] as const;
export type Effect = (typeof EFFECTS)[number];

/** A changed input and the effect of the change. */
export interface Change {
  readonly key: string;
  readonly effect: Effect;
  /** False while the new value, or some of it, is unknown. */
  readonly known: boolean;
  /** What comes to a list and leaves it, if that is worth showing: `+git, -vim`. */
  readonly detail?: string;
}

/**
 * An input's effect, or a function of the old and the new value if a structure has several effects; `undefined` for a
 * difference that is not even recorded.
 */
export type EffectRule = Effect | ((before: unknown, after: unknown) => Effect | undefined);

const rules = z.registry<{ effect: EffectRule }>();

/** Attaches an effect to the schema of one top-level input. */
export function effect<S extends z.ZodType>(rule: EffectRule, schema: S): S {
  rules.add(schema, { effect: rule });
  return schema;
}

/**
 * The effect of a change, `undefined` if it has none.
 *
 * @throws Error for a schema without one: every input has an effect.
 */
export function effectOf(name: string, schema: z.core.$ZodType, before: unknown, after: unknown): Effect | undefined {
  const rule = rules.get(schema)?.effect;
  if (rule === undefined) throw new Error(`the input "${name}" has no effect in its schema`);
  return typeof rule === "function" ? rule(before, after) : rule;
}
