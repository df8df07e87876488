import fc from "fast-check";
import { absolutePath, isWithin } from "../../../provider/systemd/paths";

test("a path keeps its text, except for extra slashes", () => {
  expect(absolutePath.parse("//srv//a b:c/ü/")).toBe("/srv/a b:c/ü");
  expect(absolutePath.parse("/")).toBe("/");
  expect(absolutePath.parse("///")).toBe("/");
  expect(absolutePath.parse("/srv/\u2028//")).toBe("/srv/\u2028");
});

test("a normalised path stays as it is", () => {
  const part = fc.string({ unit: fc.constantFrom(..."/ab.- :'\"\\"), maxLength: 12 });
  fc.assert(
    fc.property(part, (text) => {
      const { data } = absolutePath.safeParse(`/${text}`);
      if (data !== undefined) expect(absolutePath.parse(data)).toBe(data);
    }),
  );
});

test.each([
  ["srv", /"srv" is not an absolute path: it must begin with "\/"/],
  ["", /is not an absolute path/],
  ["/srv/../etc", /has "\." or "\.\." in it/],
  ["/srv/.", /has "\." or "\.\." in it/],
  ["/a\nb", /control character/],
  ["/a\tb", /control character/],
  ["/a\0b", /control character/],
  ["/trailing ", /begins or ends with a blank/],
  ["/trailing\\", /ends with a backslash/],
  [`/${"a".repeat(4096)}`, /longer than 4095 bytes/],
  [`/srv/${"ä".repeat(128)}`, /has a name in it that is longer than 255 bytes/],
  [7, /a path is text/],
])("%j is refused", (path, message) => {
  expect(absolutePath.safeParse(path).error?.issues[0]?.message).toMatch(message);
});

test("a path is within itself and within its parents, but not within a longer name", () => {
  expect(isWithin("/srv/a", "/srv")).toBe(true);
  expect(isWithin("/srv", "/srv")).toBe(true);
  expect(isWithin("/srv", "/")).toBe(true);
  expect(isWithin("/srvs", "/srv")).toBe(false);
  expect(isWithin("/srv", "/srv/a")).toBe(false);
});
