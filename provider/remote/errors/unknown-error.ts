/** The message of a thrown value. */
export function messageOf(thrown: unknown): string {
  return hasKey(thrown, "message") && typeof thrown.message === "string" ? thrown.message : String(thrown);
}

/** The value of a key that errors of Node and ssh2 have in addition to their message: `code`, `level`, `reason`. */
export function detailOf(thrown: unknown, key: "code" | "level" | "reason"): unknown {
  return hasKey(thrown, key) ? thrown[key] : undefined;
}

function hasKey<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && key in value;
}
