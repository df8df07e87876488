import { EXEC } from "./exec";
import { FILES } from "./files";
import { NETWORK } from "./network";
import type { SectionName, Setting } from "./setting";

export { SECTIONS, type SectionName, type Setting, type SettingValue, type TypedSetting, textsOf } from "./setting";

/** Every key of systemd.nspawn(5), as of systemd 262. */
export const NSPAWN_SETTINGS: readonly Setting[] = [...EXEC, ...FILES, ...NETWORK];

export function settingOf(section: SectionName, key: string): Setting | undefined {
  return NSPAWN_SETTINGS.find((setting) => setting.section === section && setting.key === key);
}
