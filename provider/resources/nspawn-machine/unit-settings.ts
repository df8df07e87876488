import type { OwnedFiles } from "../../host/files";
import type { Entry } from "../../systemd/settings-file";
import { parseSettings } from "../../systemd/settings-parser";
import { isDropInOf } from "../../systemd/unit-file";
import { isAdded } from "../../systemd/unit-properties";
import type { Rendered, Section } from "./section";

/** A setting in a drop-in of a machine's unit, and the input that it comes from. */
export interface UnitSetting extends Entry {
  readonly input: string;
}

/** What one section sets in the drop-ins. */
export function unitSettingsOf<Reads>(machine: string, section: Section<Reads>, rendered: Rendered): UnitSetting[] {
  const { inputs, askedBy = [] } = section;
  const input = [...Object.keys(inputs), ...askedBy][0] ?? "unit";
  const live = [...(rendered.live ?? [])].flatMap(([path, { text }]) =>
    isDropInOf(machine, path) ? entriesIn(text) : [],
  );
  return [...(rendered.unit ?? []), ...live].map((entry) => ({ ...entry, input }));
}

/**
 * The settings that another drop-in overrides if it assigns them, by how a change takes effect. Those that only add to a
 * list are written `KEY=`: another drop-in overrides them only if it empties the list.
 */
export function overridable(machine: string, files: OwnedFiles): Record<keyof OwnedFiles, readonly string[]> {
  const keysIn = (group: OwnedFiles[keyof OwnedFiles]) => {
    const entries = [...group].flatMap(([path, { text }]) => (isDropInOf(machine, path) ? entriesIn(text) : []));
    const keys = new Set(entries.filter(({ section }) => section === "Service").map(({ key }) => key));
    return [...keys].map((key) => (isAdded(key) ? `${key}=` : key));
  };
  return { restart: keysIn(files.restart), live: keysIn(files.live) };
}

function entriesIn(text: string): Entry[] {
  return parseSettings(text).flatMap(({ name, entries }) =>
    entries.map(([key, value]) => ({ section: name, key, value })),
  );
}
