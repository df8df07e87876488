import { HostError } from "../../../../provider/remote";
import { visible } from "../../../../provider/remote/errors/visible";

/** All code points, halves of pairs too, that match. */
function all(pattern: RegExp): string[] {
  const found: string[] = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (pattern.test(character)) found.push(character);
  }
  return found;
}

const UNSEEN = all(/^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]$/u);

test("no character that is not seen is left, except line breaks and tabs, wherever it is", () => {
  expect(UNSEEN.length).toBeGreaterThan(2000);
  for (const character of UNSEEN) {
    const text = visible(`a${character}b`);
    if (character === "\n" || character === "\t") expect(text).toBe(`a${character}b`);
    else expect(text).toMatch(/^a\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{5,6}\})b$/);
  }
  expect(visible(UNSEEN.join(" "))).toMatch(/^[ -~\n\t]*$/);
});

test("each character has an escape of its own, and text that is visible stays as it is", () => {
  const escapes = UNSEEN.filter((one) => !/[\n\t]/.test(one)).map(visible);
  expect(new Set(escapes).size).toBe(escapes.length);
  for (const text of [...escapes, "it's\n\tänderung 😀 \\x1b \\u202e", ""]) expect(visible(text)).toBe(text);
});

test("lines of other systems are lines", () => {
  expect(visible("a\r\nb\rc")).toBe("a\nb\\x0dc");
});

test("an error about a host is visible, with its lines", () => {
  const error = new HostError({
    attempted: "look",
    host: "web1",
    happened: "it said \u001b]52;c;aGk=\u0007",
    details: "one\n\u202etwo",
  });
  expect(error.message).toBe("could not look on web1: it said \\x1b]52;c;aGk=\\x07.\n  one\n  \\u202etwo");
});
