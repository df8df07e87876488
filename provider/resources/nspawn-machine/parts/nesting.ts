import type { Part } from "../contribution";

/** System calls that container runtimes make, and that systemd-nspawn keeps from a machine (systemd issue 17606). */
export const nestingPart: Part = {
  inputs: ["nesting"],
  // Its entry is beside those of `settings`, which has the key.
  owns: () => [],
  of: ({ nesting }) => ({
    nspawn: nesting ? [{ section: "Exec", key: "SystemCallFilter", value: "@keyring bpf" }] : [],
  }),
};

/** What nesting costs, said where it is switched on; both are inputs as a check has them, and may hold unknown values. */
export function warnOfNesting(
  inputs: Readonly<Record<string, unknown>>,
  olds: Readonly<Record<string, unknown>>,
): readonly string[] {
  const { nesting, privateUsers } = inputs;
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
