/** The value of an entry that empties a list so far, as `ExecStart=` in a drop-in. */
export const RESET = Symbol("reset");

/** One `Key=Value` of a systemd settings file, with its value as written in the file. */
export interface Entry {
  readonly section: string;
  readonly key: string;
  readonly value: string | typeof RESET;
}

/**
 * A section with its entries in order. `.network` and `.netdev` files may have several with one name, such as
 * `[Route]`.
 */
export interface Section {
  readonly name: string;
  readonly entries: readonly (readonly [key: string, value: Entry["value"]])[];
}

/**
 * The text of a `.nspawn` file or a unit drop-in: sections in the order of their first entry, entries in order.
 *
 * @throws RangeError as {@link renderSections} does.
 */
export function renderSettings(comment: string, entries: readonly Entry[]): string {
  const names = [...new Set(entries.map((entry) => entry.section))];
  const sections = names.map((name): Section => {
    const own = entries.filter((entry) => entry.section === name);
    return { name, entries: own.map(({ key, value }) => [key, value]) };
  });
  return renderSections(comment, sections);
}

/**
 * The text of a settings file, sections and entries in the given order.
 *
 * Lines follow systemd.syntax(7), as systemd's conf-parser.c reads them: text that a line cannot hold is refused.
 *
 * @throws RangeError naming the section, the key and the value.
 */
export function renderSections(comment: string, sections: readonly Section[]): string {
  const blocks = sections.map(({ name, entries }) => {
    if (!SECTION.test(name)) throw new RangeError(`${JSON.stringify(name)} is not a section's name`);
    return [`[${name}]`, ...entries.map(([key, value]) => renderLine({ section: name, key, value }))].join("\n");
  });
  return `${[`# ${comment}`, ...blocks].join("\n\n")}\n`;
}

// Quotes and backslashes are refused by systemd's string_is_safe().
const SECTION = /^[^\u0000-\u001f\u007f"'\\\p{Cs}\p{NChar}]+$/u;
const KEY = /^(?![[#; \t])[^=\u0000-\u001f\u007f\\\p{Cs}\p{NChar}]*[^= \u0000-\u001f\u007f\\\p{Cs}\p{NChar}]$/u;

/**
 * One entry as a line, without its end.
 *
 * @throws RangeError naming the section, the key and the value that a line cannot hold.
 */
export function renderLine({ section, key, value }: Entry): string {
  if (!KEY.test(key)) throw new RangeError(`${section}: ${JSON.stringify(key)} is not a key`);
  if (value === RESET) return `${key}=`;
  const problem = problemOf(value);
  if (problem !== undefined) throw new RangeError(`${section}.${key}: ${JSON.stringify(value)} ${problem}`);
  return `${key}=${value}`;
}

/** systemd's LONG_LINE_MAX, minus room for the key. */
const LONGEST = 1024 * 1024 - 256;

/** Why a line cannot hold a value, as the end of a sentence; `undefined` if it can. */
export function problemOf(value: string): string | undefined {
  if (value === "") return "is empty, which systemd takes as a reset";
  if (/^[ \t]|[ \t]$/.test(value)) return "begins or ends with a blank, which systemd strips";
  if (/(^|[^\\])(\\\\)*\\$/.test(value)) return "ends with a backslash, which would join the next line";
  return problemOfText(value);
}

/** Why text cannot be in a settings file, however it is quoted, as the end of a sentence. */
export function problemOfText(text: string): string | undefined {
  if (/[\0\n\r]/.test(text)) return "contains a line break or a NUL, which no line of a settings file can";
  if (/[\p{Cs}\p{NChar}]/u.test(text)) return "contains what systemd does not take as a character of Unicode";
  if (Buffer.byteLength(text) > LONGEST) return "is longer than the 1 MiB that systemd reads";
  return undefined;
}
