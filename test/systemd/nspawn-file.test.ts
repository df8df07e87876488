import * as fc from "fast-check";
import { quoteNspawnWord } from "../../provider/systemd/nspawn-file";

/** Splits as systemd's extract_first_word() does with EXTRACT_UNQUOTE | EXTRACT_RETAIN_ESCAPE: the oracle. */
function split(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of text) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

test("a word of Environment= is read back whole, whatever it holds", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((word) => !/[\u0000-\u001f\u007f]/.test(word));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1 }), (words) => {
      expect(split(words.map(quoteNspawnWord).join(" "))).toEqual(words);
    }),
  );
});

test.each([
  ["A=b", "A=b"],
  ["A=b c", '"A=b c"'],
  ["A=it's", '"A=it\'s"'],
  ['A="x"', `"A="'"'"x"'"'`],
  ["A=c:\\", '"A=c:\\"'],
])("%s is written as %s", (word, text) => {
  expect(quoteNspawnWord(word)).toBe(text);
});
