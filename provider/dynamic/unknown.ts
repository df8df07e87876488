import type { z } from "zod";

/** How an unknown value arrives in `check` and `diff`, at any depth (sdk/nodejs/runtime/rpc.ts, `unknownValue`). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is unknown or contains an unknown one at any depth. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isRecord(value) && Object.values(value).some(holdsUnknown);
}

/** Whether the value at a path, or one of the structures that contain it, is unknown. */
export function unknownAt(value: unknown, path: readonly PropertyKey[]): boolean {
  if (value === UNKNOWN) return true;
  const [key, ...rest] = path;
  return key !== undefined && unknownAt(memberOf(value, key), rest);
}

/** Whether the only error is that something is missing. */
export function isMissing(value: unknown, issue: z.core.$ZodIssue): boolean {
  if (issue.code === "invalid_union") {
    const member = memberAt(value, issue.path);
    return issue.errors.some((issues) => issues.length > 0 && issues.every((one) => isMissing(member, one)));
  }
  const isAbsent = memberAt(value, issue.path) === undefined;
  return (issue.code === "invalid_type" || issue.code === "invalid_value") && isAbsent;
}

/** The value at a path. */
export function memberAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(memberOf, value);
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  if (Array.isArray(value) && typeof key === "number") return value[key];
  return isRecord(value) ? value[String(key)] : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
