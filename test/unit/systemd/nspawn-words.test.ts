import * as fc from "fast-check";
import { parseNspawnWords, quoteNspawnWord } from "../../../provider/systemd/nspawn-words";

const text = fc.string({ unit: fc.oneof(fc.constantFrom(..." \t\"'\\=%$#;"), fc.constantFrom("a", "ä", "😀")) });

test("words are read back as they were written, whatever they contain", () => {
  fc.assert(
    fc.property(fc.array(text), (words) => {
      expect(parseNspawnWords(words.map(quoteNspawnWord).join(" "))).toEqual(words);
    }),
  );
});

test("a word never ends in a backslash, which would join the next line", () => {
  fc.assert(fc.property(text, (word) => !quoteNspawnWord(word).endsWith("\\")));
});

test.each([
  ["A=b", "A=b"],
  ["A=b c", '"A=b c"'],
  ["A=it's", '"A=it\'s"'],
  ['A="x"', `"A="'"'"x"'"'`],
  ["A=c:\\", '"A=c:\\"'],
  ["", '""'],
])("%s is written as %s", (word, written) => {
  expect(quoteNspawnWord(word)).toBe(written);
});

test("hand-written text is read as systemd reads it", () => {
  expect(parseNspawnWords(`  A=b  "C=d e"\tF='g "h"'i  J=k\\ `)).toEqual(["A=b", "C=d e", 'F=g "h"i', "J=k\\"]);
  expect(() => parseNspawnWords(`A=b "C=d`)).toThrow(/an unclosed quote/);
});
