import { type Entry, renderSettings } from "./settings-file";

const COMMENT = "Managed by pulumi-nspawn.";

/** The unit that runs a machine; a machine's name needs no escaping in it (systemd-nspawn@.service uses %i). */
export function machineUnit(machine: string): string {
  return `systemd-nspawn@${machine}.service`;
}

/**
 * A drop-in of a machine's unit. Its number gives it precedence over the files of `systemctl set-property` (50-*.conf)
 * once systemd reads its files again; until then the property itself is what was set (systemd.unit(5)).
 */
export function dropInPath(
  machine: string,
  part: "leases" | "limits" | "network" | "order" | "service" | "supervision",
): string {
  return `${dropInPrefix(machine)}${part}.conf`;
}

/** Whether a path is one of {@link dropInPath}. */
export function isDropInOf(machine: string, path: string): boolean {
  return path.startsWith(dropInPrefix(machine));
}

function dropInPrefix(machine: string): string {
  return `/etc/systemd/system/${machineUnit(machine)}.d/90-pulumi-nspawn-`;
}

export function renderDropIn(entries: readonly Entry[]): string {
  return renderSettings(COMMENT, entries);
}
