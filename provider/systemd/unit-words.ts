/**
 * One word of a unit file, as in `Environment=`: in double quotes if needed, with C escapes, and with `%` doubled,
 * because it begins a specifier (systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers").
 *
 * @throws RangeError for characters that cannot be escaped.
 */
export function quoteUnitWord(word: string): string {
  if (/[\0\p{Cs}\p{NChar}]/u.test(word)) throw new RangeError(`${JSON.stringify(word)} contains what no unit file can`);
  const text = word.replaceAll("%", "%%");
  if (/^[\w@%+=:,./-]+$/.test(word)) return text;
  return `"${text.replace(/[\\"\u0001-\u001f\u007f]/g, escaped)}"`;
}

/**
 * One argument of `ExecStart=` and the like, where `$` also begins a variable (systemd.service(5), "Command lines").
 */
export function quoteExecArgument(argument: string): string {
  return quoteUnitWord(argument).replaceAll("$", "$$$$");
}

function escaped(character: string): string {
  if (character === "\\" || character === '"') return `\\${character}`;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/**
 * The words of such a value.
 *
 * @throws RangeError for what systemd refuses, and for a specifier, because only the host knows its value.
 */
export function parseUnitWords(value: string): string[] {
  const words: string[] = [];
  const next = /[ \t\n\r]*((?:[^ \t\n\r"'\\]|\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+)|[ \t\n\r]+$/suy;
  while (next.lastIndex < value.length) {
    const match = next.exec(value);
    if (match === null) throw new RangeError(`${JSON.stringify(value)} has an unclosed quote or an unfinished escape`);
    const [, word] = match;
    if (word !== undefined) words.push(withoutSpecifiers(unescaped(unquote(word))));
  }
  return words;
}

/**
 * The arguments of such a command line.
 *
 * @throws RangeError as {@link parseUnitWords}, and for a variable.
 */
export function parseExecArguments(value: string): string[] {
  return parseUnitWords(value).map((word) => single(word, "$", "a variable"));
}

function unquote(word: string): string {
  return word.replace(
    /\\.|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/gsu,
    (whole, double?: string, single?: string) => double ?? single ?? whole,
  );
}

const LETTERS = new Map(Object.entries({ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", s: " " }));
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|([0-3][0-7]{2})|(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([abfnrtvs\\"'])|)|[^\\]+/gu;

/** `\xHH` and `\OOO` are bytes, so the text is assembled as UTF-8. */
function unescaped(word: string): string {
  const pieces = [...word.matchAll(ESCAPE)].map(([piece, hex, octal, short, long, letter]) => {
    if (hex !== undefined) return Buffer.from(hex, "hex");
    if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8));
    const code = short ?? long;
    if (code !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(code, 16)));
    if (letter !== undefined) return Buffer.from(LETTERS.get(letter) ?? letter);
    if (piece.startsWith("\\"))
      throw new RangeError(`${JSON.stringify(word)} has an escape that systemd does not know`);
    return Buffer.from(piece);
  });
  const bytes = Buffer.concat(pieces);
  if (bytes.includes(0)) throw new RangeError(`${JSON.stringify(word)} contains a NUL`);
  return bytes.toString();
}

function withoutSpecifiers(word: string): string {
  return single(word, "%", "a specifier");
}

/** Text with a doubled sign undoubled; a single sign begins something that only the host knows. */
function single(word: string, sign: string, what: string): string {
  const pieces = word.split(sign + sign);
  if (pieces.some((piece) => piece.includes(sign))) throw new RangeError(`${JSON.stringify(word)} contains ${what}`);
  return pieces.join(sign);
}
