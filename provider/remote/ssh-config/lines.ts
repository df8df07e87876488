/** One directive of an ssh_config file. */
export interface Directive {
  /** In lower case. */
  readonly keyword: string;
  /** The arguments, unquoted. */
  readonly words: readonly string[];
  /** Everything after the keyword as written, for the keywords that take a command. */
  readonly rest: string;
}

/** Splits the text of an ssh_config file as ssh(1) does; a line with an unclosed quote is skipped. */
export function parseDirectives(text: string): Directive[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Directive | undefined {
  const [, keyword, rest] =
    /^[ \t]*"?([^\s="#][^\s="]*)"?(?:[ \t]*=[ \t]*|[ \t]+)(.+)$/.exec(line.replace(/[\s\f]+$/, "")) ?? [];
  if (keyword === undefined || rest === undefined) return undefined;
  const words = splitWords(rest);
  return words && { keyword: keyword.toLowerCase(), words, rest };
}

/** Splits words as OpenSSH does: both kinds of quotes, few escapes, and a comment only where a word could begin. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  for (let at = skipBlanks(text, 0); at < text.length && text[at] !== "#"; at = skipBlanks(text, at)) {
    const word = readWord(text, at);
    if (!word) return undefined;
    words.push(word.value);
    at = word.end;
  }
  return words;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at += 1;
  return at;
}

function readWord(text: string, start: number): { value: string; end: number } | undefined {
  let value = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    const following = text.charAt(at + 1);
    if (character === "\\" && (/['"\\]/.test(following) || (quote === "" && following === " "))) {
      value += following;
      at += 1;
    } else if (quote === "" && (character === " " || character === "\t")) break;
    else if (quote === "" && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = "";
    else value += character;
  }
  return quote === "" ? { value, end: at } : undefined;
}
