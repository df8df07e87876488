/** The value of an entry that empties a list so far, as `ExecStart=` in a drop-in. */
export const RESET = Symbol("reset");

/** One `Key=Value` of a systemd settings file, its value as it stands in the file. */
export interface Entry {
  readonly section: string;
  readonly key: string;
  readonly value: string | typeof RESET;
}

/** A section with its entries in order. `.network` and `.netdev` files may have several of one name, as `[Route]`. */
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
 * The line level is that of systemd.syntax(7). A value that a line cannot hold is refused: control characters, blanks at
 * the ends (systemd strips them), an empty value (systemd takes it as a reset), a backslash at the end (it would join the
 * next line).
 *
 * @throws RangeError naming the key and the value.
 */
export function renderSections(comment: string, sections: readonly Section[]): string {
  const blocks = sections.map(({ name, entries }) => {
    const lines = entries.map(([key, value]) => renderEntry({ section: name, key, value }));
    return [`[${name}]`, ...lines].join("\n");
  });
  return `${[`# ${comment}`, ...blocks].join("\n\n")}\n`;
}

function renderEntry({ section, key, value }: Entry): string {
  if (value === RESET) return `${key}=`;
  const problem = problemOf(value);
  if (problem !== undefined) throw new RangeError(`${section}.${key}: ${JSON.stringify(value)} ${problem}`);
  return `${key}=${value}`;
}

/** Why a line cannot hold a value, as the end of a sentence; `undefined` where it can. */
export function problemOf(value: string): string | undefined {
  if (value === "") return "is empty";
  if (/[\u0000-\u001f\u007f]/.test(value)) return "holds a control character, which no line of a settings file can";
  if (value !== value.trim()) return "begins or ends with a blank, which systemd strips";
  if (value.endsWith("\\")) return "ends with a backslash, which would join the next line";
  return undefined;
}
