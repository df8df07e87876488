import type { Entry, Section } from "./settings-file";
import { logicalLines, physicalLines } from "./settings-lines";

/**
 * The sections and entries of a settings file as systemd reads them. Lines that systemd ignores, those without a `=` or
 * before the first section, are left out.
 *
 * @throws RangeError for a bad section header, which makes systemd refuse the whole file.
 */
export function parseSettings(text: string): Section[] {
  const sections: { name: string; entries: Section["entries"][number][] }[] = [];
  for (const { head, entry } of logicalLines(physicalLines(text))) {
    if (head !== undefined) sections.push({ name: head, entries: [] });
    else if (entry !== undefined) sections.at(-1)?.entries.push(entry);
  }
  return sections;
}

/**
 * The same as one list.
 *
 * @throws RangeError as {@link parseSettings} does.
 */
export function parseEntries(text: string): Entry[] {
  return parseSettings(text).flatMap(({ name, entries }) =>
    entries.map(([key, value]) => ({ section: name, key, value })),
  );
}
