import fc from "fast-check";
import { lines, type Script, sh } from "../../../../provider/remote";
import { output } from "../../support/processes";

const word = fc
  .oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({
      unit: fc.constantFrom("'", '"', "\\", "$", "`", "\n", " ", "*", "~", "#", "!", "{", "}", ";", "&", "ä", "a"),
    }),
  )
  .filter((text) => !text.includes("\0"));

/** The words that /bin/sh makes of a script's arguments, each in hexadecimal. */
function wordsBySh(script: Script): string[] {
  const text = sh`for word in ${script}; do printf %s "$word" | od -An -v -tx1 | tr -d ' \n'; echo; done`.text;
  const words = output(["env", "-i", `PATH=${process.env.PATH}`, "LC_ALL=C", "/bin/sh", "-c", text]);
  return words.split("\n").slice(0, -1);
}

const hex = (text: string) => Buffer.from(text).toString("hex");

test("an array becomes as many words as it has items, whatever they contain", () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      expect(wordsBySh(sh`${words}`)).toEqual(words.map(hex));
    }),
    { numRuns: 60 },
  );
});

test("a string is one word even next to other text", () => {
  fc.assert(
    fc.property(word, word, (left, right) => {
      expect(wordsBySh(sh`${left}${right}=${left} a${right}`)).toEqual(
        [`${left}${right}=${left}`, `a${right}`].map(hex),
      );
    }),
    { numRuns: 60 },
  );
});

test("a script is inserted as it is, a number as its digits, an empty array as nothing", () => {
  expect(sh`if ${sh`test ${1} -lt ${[2]}`}; then rm -- ${[]}; fi`.text).toBe("if test 1 -lt 2; then rm -- ; fi");
  expect(lines([sh`a`, sh`b`]).text).toBe("a\nb");
});

test("backslashes are left to the shell", () => {
  expect(sh`printf '%s\n' \`date\` \${HOME}`.text).toBe("printf '%s\\n' `date` ${HOME}");
});

test("anything else is a TypeError that names the place", () => {
  const value: unknown = { toString: () => "rm -rf /" };
  for (const wrong of [value, undefined, null, true, Number.NaN]) {
    expect(() =>
      Reflect.apply(sh, undefined, [Object.assign(["rm -f -- ", ""], { raw: ["rm -f -- ", ""] }), wrong]),
    ).toThrow(/after "rm -f -- " a script takes a string, a number, an array of them or a Script, not /);
  }
  expect(() => sh`touch ${"a\0b"}`).toThrow("a shell word cannot hold a NUL character");
  expect(() => sh`touch ${"a\ud800"}`).toThrow("a shell word cannot hold text that is not valid Unicode");
});
