import { z } from "zod";
import { effect } from "../../../dynamic";
import type { Rendered, Values } from "../section";

export const inputs = {
  /**
   * Lets containers run inside: Podman and Docker without further settings, systemd-nspawn with `privateUsers: false`.
   * It reduces isolation: the machine can use the kernel's keyrings and bpf(2) (`SystemCallFilter=@keyring bpf`,
   * systemd.nspawn(5)), and with `privateUsers: false` root inside is root on the host.
   * @default false
   */
  nesting: effect("restart", z.boolean("nesting is true or false").default(false)),
};

/** System calls that container runtimes use, and that systemd-nspawn denies a machine (systemd issue 17606). */
export function render({ nesting }: Values<typeof inputs>): Rendered {
  // `settings` owns the key: this entry is added to its own.
  return { nspawn: nesting ? [{ section: "Exec", key: "SystemCallFilter", value: "@keyring bpf" }] : [] };
}

/** Warns about the cost of nesting when it is switched on. */
export function warn(
  { nesting, privateUsers }: Readonly<Record<string, unknown>>,
  olds: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (nesting !== true || (olds.nesting === true && olds.privateUsers === privateUsers)) return [];
  if (privateUsers === false) {
    return [
      "nesting with `privateUsers: false`: root inside is root on the host. Little stops a user who becomes root in this machine, or " +
        "in a container in it, from taking over the host.",
    ];
  }
  return [
    "nesting: the machine, and containers in it, can use the kernel's keyrings and bpf(2), which systemd-nspawn denies other machines. " +
      "A flaw there opens a way to the host. Podman and Docker run inside; systemd-nspawn only does with `privateUsers: false`.",
  ];
}
