import { z } from "zod";
import { effect } from "../../../dynamic";
import type { Rendered, Values } from "../section";

export const inputs = {
  /**
   * Lets containers run inside: podman and docker as it is, and systemd-nspawn with `privateUsers: false`. It costs isolation: the
   * kernel's keyrings and bpf(2) are within reach (`SystemCallFilter=@keyring bpf`, systemd.nspawn(5)), and with `privateUsers: false` root
   * inside is root outside.
   * @default false
   */
  nesting: effect("restart", z.boolean("nesting is true or false").default(false)),
};

/** System calls that container runtimes make, and that systemd-nspawn keeps from a machine (systemd issue 17606). */
export function render({ nesting }: Values<typeof inputs>): Rendered {
  // `settings` has the key: this entry is added to theirs.
  return { nspawn: nesting ? [{ section: "Exec", key: "SystemCallFilter", value: "@keyring bpf" }] : [] };
}

/** What nesting costs, said when it is switched on. */
export function warn(
  { nesting, privateUsers }: Readonly<Record<string, unknown>>,
  olds: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (nesting !== true || (olds.nesting === true && olds.privateUsers === privateUsers)) return [];
  if (privateUsers === false) {
    return [
      "nesting with `privateUsers: false`: root inside is root outside. Whoever becomes root in this machine, or in a container in it, " +
        "can be stopped by little from taking over the host.",
    ];
  }
  return [
    "nesting: the machine, and containers in it, reach the kernel's keyrings and bpf(2), which systemd-nspawn keeps from others: a flaw " +
      "there is a way to the host. podman and docker run inside; systemd-nspawn only does with `privateUsers: false`.",
  ];
}
