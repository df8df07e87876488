import { matchPattern, matchPatternList } from "../../../../provider/remote/host-keys/pattern";

test.each([
  ["web1", "web?", true],
  ["web12", "web?", false],
  ["web.example", "*.example", true],
  ["webxexample", "*.example", false],
  ["a+b", "a+b", true],
  ["anything", "*", true],
])("%s and the pattern %s: %s", (text, pattern, matches) => {
  expect(matchPattern(text, pattern)).toBe(matches);
});

test("a pattern after ! excludes, wherever it is in the list", () => {
  expect(matchPatternList("web1", "web*,!web1")).toBe(false);
  expect(matchPatternList("web1", "!web1,web*")).toBe(false);
  expect(matchPatternList("web2", "web*,!web1")).toBe(true);
  expect(matchPatternList("web2", "!web1")).toBe(false);
});
