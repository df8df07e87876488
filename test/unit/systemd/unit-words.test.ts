import * as fc from "fast-check";
import {
  parseExecArguments,
  parseUnitWords,
  quoteExecArgument,
  quoteUnitWord,
} from "../../../provider/systemd/unit-words";

const unit = fc.oneof(
  fc.constantFrom(..." \t\n\"'\\=%$#;{}"),
  fc.constantFrom("a", "x41", "ä", "😀", "\x01", "\x7f", "\ufeff"),
);
const text = fc.string({ unit });

test("words are read back as they were written, whatever they contain", () => {
  fc.assert(
    fc.property(fc.array(text), (words) => {
      expect(parseUnitWords(words.map(quoteUnitWord).join(" "))).toEqual(words);
      expect(parseExecArguments(words.map(quoteExecArgument).join(" "))).toEqual(words);
    }),
  );
});

test("a word fits on one line, and its end does not join the next", () => {
  fc.assert(fc.property(text, (word) => !/\n|\\$/.test(quoteUnitWord(word))));
});

test.each([
  ["--machine=web", "--machine=web", "--machine=web"],
  ["100%", "100%%", "100%%"],
  ["$HOME", '"$HOME"', '"$$HOME"'],
  [`it's "so"`, '"it\'s \\"so\\""', '"it\'s \\"so\\""'],
  ["a\nb", '"a\\x0ab"', '"a\\x0ab"'],
  [";", '";"', '";"'],
])("%j is written as %s, and as an argument as %s", (word, written, argument) => {
  expect(quoteUnitWord(word)).toBe(written);
  expect(quoteExecArgument(word)).toBe(argument);
});

test("C escapes are read, with bytes as UTF-8", () => {
  expect(parseUnitWords(String.raw`a\tb "\xc3\xa4" '\344\270\200' \u00e4\U0001f600 \s\\ "x"y'z'`)).toEqual([
    "a\tb",
    "ä",
    "一",
    "ä😀",
    " \\",
    "xyz",
  ]);
});

test.each([
  ['"a', /an unclosed quote or an unfinished escape/],
  ["a\\", /an unclosed quote or an unfinished escape/],
  ["a\\q", /an escape that systemd does not know/],
  ["a\\x4", /an escape that systemd does not know/],
  ["\\x00", /contains a NUL/],
  ["%i", /contains a specifier/],
  ["%%%i", /contains a specifier/],
])("%s is refused", (written, message) => {
  expect(() => parseUnitWords(written)).toThrow(message);
});

test("a variable is refused, and so is a word that no unit file can hold", () => {
  expect(() => parseExecArguments("$$a $b")).toThrow(/contains a variable/);
  expect(() => quoteUnitWord("a\0")).toThrow(RangeError);
});
