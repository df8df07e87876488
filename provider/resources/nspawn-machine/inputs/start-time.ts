import type { NspawnSettingsInput } from "../../../systemd/nspawn-settings/schema";
import type { Rendered } from "../section";

interface Reads {
  readonly ephemeral: boolean;
  readonly settings?: NspawnSettingsInput | undefined;
}

/**
 * If the file system has no snapshots, an ephemeral machine's root is copied while the unit starts; and a machine that
 * reports its readiness boots within that time (systemd issue 37295).
 */
export const inputs = {};

export const askedBy = ["ephemeral", "settings"];

export function render({ ephemeral, settings }: Reads): Rendered {
  if (!ephemeral && settings?.Exec?.NotifyReady !== true) return {};
  return { unit: [{ section: "Service", key: "TimeoutStartSec", value: "10min" }] };
}
