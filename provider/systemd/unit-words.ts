/**
 * One word of a unit file, as of `Environment=`: in double quotes where it needs them, with the escapes of C, and with `%`
 * doubled, since it begins a specifier (systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers").
 *
 * @throws RangeError for what no escape stands for.
 */
export function quoteUnitWord(word: string): string {
  if (/[\0\p{Cs}]/u.test(word)) throw new RangeError(`${JSON.stringify(word)} holds what no unit file can`);
  const text = word.replaceAll("%", "%%");
  if (/^[\w@%+=:,./-]+$/.test(word)) return text;
  return `"${text.replace(/[\\"\u0001-\u001f\u007f]/g, escaped)}"`;
}

/** One argument of `ExecStart=` and its like, where `$` begins a variable beside (systemd.service(5), "Command lines"). */
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
 * @throws RangeError for what systemd refuses, and for a specifier: what it stands for is known on the host alone.
 */
export function parseUnitWords(value: string): string[] {
  const words: string[] = [];
  const next = /[ \t\n\r]*((?:[^ \t\n\r"'\\]|\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+)|[ \t\n\r]+$/suy;
  while (next.lastIndex < value.length) {
    const match = next.exec(value);
    if (match === null) throw new RangeError(`${JSON.stringify(value)} has a quote or a backslash without its end`);
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

/** `\xHH` and `\OOO` stand for bytes, so the text is put together as UTF-8. */
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
  if (bytes.includes(0)) throw new RangeError(`${JSON.stringify(word)} holds a NUL`);
  return bytes.toString();
}

function withoutSpecifiers(word: string): string {
  return single(word, "%", "a specifier");
}

/** Text in which a sign stands doubled, and else begins what only the host knows. */
function single(word: string, sign: string, what: string): string {
  const pieces = word.split(sign + sign);
  if (pieces.some((piece) => piece.includes(sign))) throw new RangeError(`${JSON.stringify(word)} holds ${what}`);
  return pieces.join(sign);
}
