import type { Rendered } from "../section";

/** An init is booted; no input says so, and an adopted machine keeps its own. */
export const inputs = {};

export function render(): Rendered {
  return { nspawn: [{ section: "Exec", key: "Boot", value: "yes" }] };
}
