import { RESET, type Section } from "./settings-file";

// A line ends where read_line() of systemd's fileio.c ends it.
const LINE_END = /\n\r?\0?|\r\n?\0?|\0/;
const CONTINUED = /(?:^|[^\\])(?:\\\\)*\\$/;
const BYTE_ORDER_MARK = "\ufeff";

/**
 * The sections and entries of a settings file as systemd reads them (systemd.syntax(7), conf-parser.c): comments are
 * whole lines, a `#` later in a line is text, and a line that ends with a backslash continues in the next. Lines that
 * systemd ignores, those without a `=` or before the first section, are left out.
 *
 * @throws RangeError for a bad section header, which makes systemd refuse the whole file.
 */
export function parseSettings(text: string): Section[] {
  const sections: { name: string; entries: [string, string | typeof RESET][] }[] = [];
  for (const line of logicalLines(text)) {
    const stripped = strip(line);
    const equals = stripped.indexOf("=");
    if (stripped.startsWith("[")) sections.push({ name: sectionName(stripped), entries: [] });
    else if (equals > 0) {
      const value = strip(stripped.slice(equals + 1));
      sections.at(-1)?.entries.push([strip(stripped.slice(0, equals)), value === "" ? RESET : value]);
    }
  }
  return sections;
}

function* logicalLines(text: string): Generator<string> {
  let begun: string | undefined;
  let marked = false;
  for (const line of text.split(LINE_END)) {
    if (/^[ \t]*[#;]/.test(line)) continue;
    const skipped: boolean = !marked && line.startsWith(BYTE_ORDER_MARK);
    marked ||= skipped;
    const whole = (begun ?? "") + (skipped ? line.slice(1) : line);
    if (CONTINUED.test(line)) begun = `${whole.slice(0, -1)} `;
    else {
      yield whole;
      begun = undefined;
    }
  }
  if (begun !== undefined) yield begun;
}

function sectionName(line: string): string {
  const name = line.slice(1, -1);
  // systemd 257 skips a section without a name; 262 refuses the file.
  if (!line.endsWith("]") || name === "" || /[\u0000-\u001f\u007f"'\\]/.test(name)) {
    throw new RangeError(`${JSON.stringify(line)} is not a section header`);
  }
  return name;
}

function strip(text: string): string {
  return text.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, "");
}
