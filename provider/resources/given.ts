import * as pulumi from "@pulumi/pulumi";
import { isRecord, refusal, UNKNOWN, whenKnown } from "../dynamic";

/*
 * What a program gives is passed on as it is where that is possible, so that the constructors can check it. Functions
 * that Outputs are resolved with accept any value, and leave errors to the check: what they throw would be a stack trace.
 */

/** A list, each entry on its own: in a preview, some may be unknown. */
export function listInput(given: unknown, entry: (one: unknown) => unknown): unknown {
  if (Array.isArray(given)) return given.map((one) => entry(one));
  return whenKnown(given, (list) =>
    Array.isArray(list) ? pulumi.all(list.map((one) => entry(one))) : refusal("write a list: [ … ]"),
  );
}

/** A member of a resource, or of its plain JSON. `what` says what it is a member of, once: with the ID. */
export function memberInput(given: unknown, key: string, what: string): unknown {
  const wrong = key === "id" ? refusal(`this is not ${what}`) : UNKNOWN;
  return whenKnown(given, (value) => (isRecord(value) ? value[key] : wrong));
}
