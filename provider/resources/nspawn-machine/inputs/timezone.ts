import type { NspawnSettingsInput } from "../../../systemd/nspawn-settings/schema";
import type { Rendered } from "../section";

/**
 * The root's own time zone applies, unless `settings` override it. Otherwise nspawn would replace it with the host's at
 * each start.
 */
export const inputs = {};

export function render({ settings }: { settings?: NspawnSettingsInput | undefined }): Rendered {
  if (settings?.Exec?.Timezone !== undefined) return {};
  return { nspawn: [{ section: "Exec", key: "Timezone", value: "off" }] };
}
