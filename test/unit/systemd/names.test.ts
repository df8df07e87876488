import * as fc from "fast-check";
import { brokenRule, machineName, suggestName } from "../../../provider/systemd/names";

/** systemd's rule, hostname_is_valid() in src/basic/hostname-util.c, in its own order. */
function validForSystemd(name: string): boolean {
  let dot = true;
  let hyphen = true;
  if (name === "") return false;
  for (const character of name) {
    if (character === ".") {
      if (dot || hyphen) return false;
      dot = true;
      hyphen = false;
    } else if (character === "-") {
      if (dot) return false;
      dot = false;
      hyphen = true;
    } else {
      if (!/^[A-Za-z0-9]$/.test(character)) return false;
      dot = false;
      hyphen = false;
    }
  }
  return !dot && !hyphen && name.length <= 64;
}

function words(alphabet: string, length: number): string[] {
  if (length === 0) return [""];
  return words(alphabet, length - 1).flatMap((rest) => [...alphabet].map((letter) => letter + rest));
}

test("every short name is valid exactly if it is for systemd", () => {
  const wrong: string[] = [];
  for (let length = 0; length <= 6; length++) {
    for (const word of words("aZ0-._", length))
      if ((brokenRule(word) === undefined) !== validForSystemd(word)) wrong.push(word);
  }
  expect(wrong).toEqual([]);
});

test("a name may have 64 characters, and no more", () => {
  const names = [63, 64, 65].map((length) => "x".repeat(length));
  expect(names.map((name) => brokenRule(name) === undefined)).toEqual([true, true, false]);
  expect(names.map(validForSystemd)).toEqual([true, true, false]);
});

// As the unit "binary", for which fast-check makes a table of all characters first.
const anyCharacter = fc
  .integer({ min: 0, max: 0x10ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

test("a suggestion is always a valid name, and a valid name is its own suggestion", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: anyCharacter }), fc.string({ unit: fc.constantFrom(..."aB0-._ ü/") })),
      (name) => {
        expect(brokenRule(suggestName(name))).toBeUndefined();
        expect(suggestName(suggestName(name))).toBe(suggestName(name));
      },
    ),
  );
});

test.each([
  [
    "my_box",
    '"my_box" is not a machine name: it has an underscore; systemd allows letters A-Z, digits, hyphens and dots. Valid: "my-box".',
  ],
  ["x".repeat(65), /it has 65 characters, and systemd allows 64\. Valid: "x{64}"\.$/],
  [".host", '".host" is not a machine name: it begins or ends with a dot. Valid: "host".'],
  ["a..b", /it has two dots in a row\. Valid: "a\.b"\.$/],
  ["web-.example", /a hyphen is at the beginning or the end, or next to a dot\. Valid: "web\.example"\.$/],
  ["größe", /it has "ö"; .* Valid: "gro-e"\.$/],
  ["a b", /it has white space/],
  ["", /it is empty\. Valid: "machine"\.$/],
])("%j is refused with the rule and a valid name", (name, message) => {
  expect(machineName.safeParse(name).error?.issues.map((issue) => issue.message)).toEqual([
    typeof message === "string" ? message : expect.stringMatching(message),
  ]);
});
