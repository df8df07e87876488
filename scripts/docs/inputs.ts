import type { ResourceDefinition } from "../../provider/dynamic";
import type { Declaration, Property } from "./declarations";
import { effectsOf } from "./effects";

/** One input, or one key of an input whose type is written inline. */
export interface InputRow extends Property {
  /** The effect of a change; empty for a key of an input. */
  readonly effect: string;
}

/**
 * The inputs of a class, as its interface describes them, with the effects of changes from the schema.
 *
 * @param made Inputs that no program gives: the class derives them from others.
 * @throws Error if the schema and the interface do not have the same inputs.
 */
export function inputRows(
  handler: Pick<ResourceDefinition<object, object>, "kind" | "inputs">,
  args: Declaration,
  made: readonly string[] = [],
): InputRow[] {
  const effects = effectsOf(handler);
  const given = args.properties.map(({ name }) => name);
  const schema = `the schema of ${handler.kind}`;
  const problems = [
    ...given.filter((name) => !effects.has(name)).map((name) => `"${name}" is in ${args.name} but not in ${schema}`),
    ...made.filter((name) => !effects.has(name)).map((name) => `"${name}" is not in ${schema}`),
    ...[...effects.keys()]
      .filter((name) => !given.includes(name) && !made.includes(name))
      .map((name) => `"${name}" is in ${schema} but not in ${args.name}`),
  ];
  if (problems.length > 0) throw new Error(problems.join("; "));
  return args.properties.flatMap(withMembers).map((row) => ({ ...row, effect: effects.get(row.name) ?? "" }));
}

/** A property and, if its type is an object written inline, the properties of that. */
export function withMembers(property: Property): Property[] {
  return [property, ...property.members.map((member) => ({ ...member, name: `${property.name}.${member.name}` }))];
}
