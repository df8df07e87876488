import type { z } from "zod";

/** How an unknown value arrives in `check` and `diff`, at any depth (sdk/nodejs/runtime/rpc.ts, `unknownValue`). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is unknown or holds an unknown one at any depth. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isRecord(value) && Object.values(value).some(holdsUnknown);
}

/** Whether the value at a path, or one of the structures that hold it, is unknown. */
export function unknownAt(value: unknown, path: readonly PropertyKey[]): boolean {
  if (value === UNKNOWN) return true;
  const [key, ...rest] = path;
  if (key === undefined) return false;
  if (Array.isArray(value) && typeof key === "number") return unknownAt(value[key], rest);
  return isRecord(value) && unknownAt(value[String(key)], rest);
}

/** Whether all that is wrong is that something is not there. */
export function isMissing(value: unknown, issue: z.core.$ZodIssue): boolean {
  if (issue.code === "invalid_union") {
    const member = valueAt(value, issue.path);
    return issue.errors.some((issues) => issues.length > 0 && issues.every((one) => isMissing(member, one)));
  }
  return (issue.code === "invalid_type" || issue.code === "invalid_value") && valueAt(value, issue.path) === undefined;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(value) && typeof key === "number") return valueAt(value[key], rest);
  return isRecord(value) ? valueAt(value[String(key)], rest) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
