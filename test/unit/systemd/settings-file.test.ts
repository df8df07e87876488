import * as fc from "fast-check";
import {
  problemOf,
  RESET,
  renderSections,
  renderSettings,
  type Section,
} from "../../../provider/systemd/settings-file";
import { parseSettings } from "../../../provider/systemd/settings-parser";

const unit = fc.oneof(fc.constantFrom(..." \t\\=[]#;\"'%:"), fc.constantFrom("a", "ä", "😀", "\x1b", "\u00a0"));
const value = fc.oneof(
  fc.string({ unit }).filter((text) => problemOf(text) === undefined),
  fc.constant(RESET),
);
const key = fc.stringMatching(/^[A-Z][A-Za-z]{0,12}$/);
const sections: fc.Arbitrary<Section[]> = fc.array(
  fc.record({ name: fc.stringMatching(/^[A-Z][A-Za-z -]{0,6}$/), entries: fc.array(fc.tuple(key, value)) }),
);

test("rendered settings are parsed back: order, repeated sections and keys, resets", () => {
  fc.assert(
    fc.property(sections, (wanted) => {
      expect(parseSettings(renderSections("text", wanted))).toEqual(wanted);
    }),
  );
});

test("entries of one section are put together, in their order", () => {
  const entry = (section: string, key: string) => ({ section, key, value: "x" });
  expect(renderSettings("text", [entry("Exec", "A"), entry("Files", "B"), entry("Exec", "C")])).toBe(
    "# text\n\n[Exec]\nA=x\nC=x\n\n[Files]\nB=x\n",
  );
});

test.each([
  ["", "is empty"],
  ["a\nb", "contains a line break"],
  ["a\rb", "contains a line break"],
  ["a\u0000b", "contains a line break or a NUL"],
  [" a", "begins or ends with a blank"],
  ["a\t", "begins or ends with a blank"],
  ["a ", "begins or ends with a blank"],
  ["a\\", "ends with a backslash"],
  ["\\\\\\", "ends with a backslash"],
  ["\ud800", "contains what systemd does not take as a character of Unicode"],
  ["\ufffe", "contains what systemd does not take as a character of Unicode"],
  ["x".repeat(1024 * 1024), "is longer than"],
])("a value that no line can hold is refused: %j", (text, problem) => {
  const render = () => renderSettings("text", [{ section: "Exec", key: "Hostname", value: text }]);
  expect(render).toThrow(problem);
  expect(render).toThrow("Exec.Hostname");
});

test.each([["a\\\\"], ["a\\b"], ["\u00a0a"], ["# a"], ["[a]"], ["a\x1b"]])("a line can hold %j", (text) => {
  expect(problemOf(text)).toBeUndefined();
});

test.each([
  ["Exec]\n[X", "A"],
  ["", "A"],
  ["Exec", "A=B"],
  ["Exec", "A\nB"],
  ["Exec", " A"],
  ["Exec", "#A"],
  ["Exec", "[A"],
  ["Exec", ""],
])("names that would be read differently are refused: [%s] %s", (section, key) => {
  expect(() => renderSettings("text", [{ section, key, value: "x" }])).toThrow(RangeError);
});

test("a key without a value empties a list", () => {
  expect(renderSettings("text", [{ section: "Service", key: "ExecStart", value: RESET }])).toBe(
    "# text\n\n[Service]\nExecStart=\n",
  );
});

test("hand-written text is read as systemd reads it", () => {
  const text = [
    "\ufeff; a comment",
    "Lost=before a section",
    "  [Exec]  ",
    " Boot = yes\t",
    "# Boot=no",
    "Parameters=one \\",
    "  # between",
    "  two\\\\",
    "Environment=A=# no comment",
    "no assignment",
    "=no key",
    "Hostname=",
    "[Exec]",
    "Boot=no\r\n[Files]\rBind=/a\\",
  ].join("\n");
  expect(parseSettings(text)).toEqual([
    {
      name: "Exec",
      entries: [
        ["Boot", "yes"],
        ["Parameters", "one    two\\\\"],
        ["Environment", "A=# no comment"],
        ["Hostname", RESET],
      ],
    },
    { name: "Exec", entries: [["Boot", "no"]] },
    { name: "Files", entries: [["Bind", "/a"]] },
  ]);
});

test.each(["[Exec", '[E"x"]', "[]"])("a bad section header is refused, as systemd refuses the file: %s", (header) => {
  expect(() => parseSettings(`${header}\nBoot=yes\n`)).toThrow(/is not a section header/);
});
