import * as pulumi from "@pulumi/pulumi";

/** How the engine writes a secret value (sdk/nodejs/runtime/rpc.ts, `specialSigKey` and `specialSecretSig`). */
const MARK = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" } as const;

/**
 * In what a class registers: the names of its inputs that are secret. The engine does not say so to a dynamic provider,
 * and marks an output only if an input of the same name is secret.
 */
export const SECRET_INPUTS = "__secret";

/** Outputs by name, each with the inputs that its value is made of: it is secret if one of them is. */
export type Derivations = Readonly<Record<string, readonly string[]>>;

/** The inputs that are secret and that an output is made of; `undefined` if there are none. */
export async function secretInputs(inputs: pulumi.Inputs, derived: Derivations): Promise<string[] | undefined> {
  const names = [...new Set(Object.values(derived).flat())];
  const found = await Promise.all(names.map(async (name) => ((await isSecret(inputs[name])) ? [name] : [])));
  const secret = found.flat().sort();
  return secret.length === 0 ? undefined : secret;
}

/** A value without any Output in it costs nothing: in large programs each new Output does. */
async function isSecret(value: unknown): Promise<boolean> {
  if (pulumi.Output.isInstance(value)) return pulumi.isSecret(value);
  return holdsLater(value) && pulumi.isSecret(pulumi.output(value));
}

function holdsLater(value: unknown): boolean {
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return false;
  return pulumi.Output.isInstance(value) || value instanceof Promise || Object.values(value).some(holdsLater);
}

/** The names in a resource's properties. */
export function secretsIn(bag: Readonly<Record<string, unknown>>): readonly string[] {
  const names: unknown = bag[SECRET_INPUTS];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

/** Marks what is made of secrets, on the way to the engine. */
export function marked(derived: Derivations, bag: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const secret = secretsIn(bag);
  const isMade = (key: string) => derived[key]?.some((name) => secret.includes(name)) === true;
  return Object.fromEntries(
    Object.entries(bag).map(([key, value]) => [key, value !== undefined && isMade(key) ? { ...MARK, value } : value]),
  );
}
