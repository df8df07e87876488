import type { Rendered } from "../section";

/** An init is booted. No input controls this, and an adopted machine keeps its own setting. */
export const inputs = {};

export function render(): Rendered {
  return { nspawn: [{ section: "Exec", key: "Boot", value: "yes" }] };
}
