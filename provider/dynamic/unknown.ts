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

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
