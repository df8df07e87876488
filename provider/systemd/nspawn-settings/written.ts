import type { Entry } from "../settings-file";
import { NSPAWN_SETTINGS, SECTIONS, type Setting, textsOf } from "./index";
import type { NspawnSettingsInput } from "./schema";

/** A setting that a program wrote, and its texts in the file. */
export interface WrittenSetting {
  readonly setting: Setting;
  readonly texts: readonly string[];
}

/** The written settings, in the order of the manual page. */
export function writtenSettings(settings: NspawnSettingsInput): WrittenSetting[] {
  return NSPAWN_SETTINGS.flatMap((setting) => {
    const value = settings[setting.section]?.[setting.key];
    if (value === undefined || setting.instead !== undefined) return [];
    return [{ setting, texts: textsOf(value, setting.kind.quote) }];
  });
}

/** The entries of the file. In each section, the lines come last. */
export function settingsEntries(settings: NspawnSettingsInput): Entry[] {
  const typed = writtenSettings(settings).flatMap(({ setting: { section, key }, texts }) =>
    texts.map((value) => ({ section, key, value })),
  );
  const lines = SECTIONS.flatMap((section) => (settings.lines?.[section] ?? []).map((line) => entryOf(section, line)));
  return [...typed, ...lines];
}

function entryOf(section: string, line: string): Entry {
  const at = line.indexOf("=");
  return { section, key: line.slice(0, at), value: line.slice(at + 1) };
}
