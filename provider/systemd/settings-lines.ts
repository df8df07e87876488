import { RESET } from "./settings-file";

// A line ends where read_line() of systemd's fileio.c ends it.
const LINE_END = /\n\r?\0?|\r\n?\0?|\0/g;
const CONTINUED = /(?:^|[^\\])(?:\\\\)*\\$/;
const BYTE_ORDER_MARK = "\ufeff";

/** Whether a physical line continues in the next one. */
export const isContinued = (line: string): boolean => CONTINUED.test(line);

/** A line of a file with what ends it; the last one may have no end. */
export interface PhysicalLine {
  readonly text: string;
  readonly end: string;
}

/** The lines of a file as systemd counts them. */
export function physicalLines(text: string): PhysicalLine[] {
  const lines: PhysicalLine[] = [];
  let start = 0;
  for (const { index, 0: end } of text.matchAll(LINE_END)) {
    lines.push({ text: text.slice(start, index), end });
    start = index + end.length;
  }
  return start < text.length ? [...lines, { text: text.slice(start), end: "" }] : lines;
}

/** What systemd reads as one line: a section's head, an entry, or text that it ignores. */
export interface LogicalLine {
  /** The indexes of its physical lines. Comments between them are not among them. */
  readonly indexes: readonly number[];
  /** The name that a section's head has, between its brackets. */
  readonly head?: string;
  readonly entry?: readonly [key: string, value: string | typeof RESET];
}

/**
 * The lines of a settings file as systemd reads them (systemd.syntax(7), conf-parser.c): comments are whole lines and
 * left out, a `#` later in a line is text, and a line that ends with a backslash continues in the next.
 *
 * @throws RangeError for a bad section header, which makes systemd refuse the whole file.
 */
export function logicalLines(lines: readonly PhysicalLine[]): LogicalLine[] {
  const found: LogicalLine[] = [];
  let begun: { text: string; indexes: number[] } | undefined;
  let marked = false;
  for (const [index, { text }] of lines.entries()) {
    if (/^[ \t]*[#;]/.test(text)) continue;
    const skipped: boolean = !marked && text.startsWith(BYTE_ORDER_MARK);
    marked ||= skipped;
    const whole = (begun?.text ?? "") + (skipped ? text.slice(1) : text);
    const indexes = [...(begun?.indexes ?? []), index];
    if (isContinued(text)) begun = { text: `${whole.slice(0, -1)} `, indexes };
    else {
      found.push(lineOf(whole, indexes));
      begun = undefined;
    }
  }
  return begun === undefined ? found : [...found, lineOf(begun.text, begun.indexes)];
}

function lineOf(text: string, indexes: readonly number[]): LogicalLine {
  const stripped = strip(text);
  if (stripped.startsWith("[")) return { indexes, head: sectionName(stripped) };
  const equals = stripped.indexOf("=");
  if (equals <= 0) return { indexes };
  const value = strip(stripped.slice(equals + 1));
  return { indexes, entry: [strip(stripped.slice(0, equals)), value === "" ? RESET : value] };
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
