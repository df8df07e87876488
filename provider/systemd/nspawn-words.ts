import { z } from "zod";
import { problemOfText } from "./settings-file";

/** What a word can contain. No message quotes it: it may be a secret. */
export const nspawnWord = z.string("is not text").superRefine((word, context) => {
  const problem = problemOfText(word);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/**
 * One word of `Environment=` or `Parameters=` in a `.nspawn` file: words end at blanks, quotes group, adjacent pieces
 * form one word, and a backslash is an ordinary character (systemd's EXTRACT_UNQUOTE with EXTRACT_RETAIN_ESCAPE). There
 * are no specifiers.
 */
export function quoteNspawnWord(word: string): string {
  if (/^[^\s'"\\]+$/.test(word)) return word;
  if (word === "") return '""';
  return word
    .split(/("+)/)
    .filter((piece) => piece !== "")
    .map((piece) => (piece.startsWith('"') ? `'${piece}'` : `"${piece}"`))
    .join("");
}

/**
 * The words of such a value.
 *
 * @throws RangeError for an unclosed quote: systemd 252 ignores what follows, and newer versions the whole value.
 */
export function parseNspawnWords(value: string): string[] {
  const words: string[] = [];
  const next = /[ \t\n\r]*((?:[^ \t\n\r"']|"[^"]*"|'[^']*')+)|[ \t\n\r]+$/y;
  while (next.lastIndex < value.length) {
    const match = next.exec(value);
    if (match === null) throw new RangeError(`${JSON.stringify(value)} has an unclosed quote`);
    const [, word] = match;
    if (word !== undefined) words.push(word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  return words;
}
