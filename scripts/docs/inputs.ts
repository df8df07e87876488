import type { ResourceDefinition } from "../../provider/dynamic";
import type { Declaration, Property } from "./declarations";
import { effectsOf } from "./effects";

/** One input, or one key of an input whose type is written out in place. */
export interface InputRow extends Property {
  /** What a change does; empty for a key of an input. */
  readonly effect: string;
}

/**
 * The inputs of a class, as its interface describes them, with what the schema says of a change.
 *
 * @param made Inputs that no program gives: the class makes them of others.
 * @throws Error where the schema and the interface do not have the same inputs.
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
    ...given.filter((name) => !effects.has(name)).map((name) => `"${name}" is in ${args.name} and not in ${schema}`),
    ...made.filter((name) => !effects.has(name)).map((name) => `"${name}" is not in ${schema}`),
    ...[...effects.keys()]
      .filter((name) => !given.includes(name) && !made.includes(name))
      .map((name) => `"${name}" is in ${schema} and not in ${args.name}`),
  ];
  if (problems.length > 0) throw new Error(problems.join("; "));
  return args.properties.flatMap(withMembers).map((row) => ({ ...row, effect: effects.get(row.name) ?? "" }));
}

/** A property and those of the object that it is, where its type is written out in place. */
export function withMembers(property: Property): Property[] {
  return [property, ...property.members.map((member) => ({ ...member, name: `${property.name}.${member.name}` }))];
}
