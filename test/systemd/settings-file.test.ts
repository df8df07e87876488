import * as fc from "fast-check";
import { problemOf, RESET, renderSettings } from "../../provider/systemd/settings-file";

/** Reads a file as systemd.syntax(7) says: the oracle for what the renderer wrote. */
function read(text: string): [string, string, string][] {
  const entries: [string, string, string][] = [];
  let section = "";
  for (const line of text.split("\n")) {
    if (line.trim() === "" || /^\s*[#;]/.test(line)) continue;
    const header = /^\[(.*)\]$/.exec(line);
    if (header?.[1] !== undefined) section = header[1];
    else entries.push([section, line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]);
  }
  return entries;
}

const value = fc.string({ unit: "grapheme" }).filter((text) => problemOf(text) === undefined);

test("what was rendered is read back by systemd's rules", () => {
  const entry = fc.record({
    section: fc.constantFrom("Exec", "Files", "Network"),
    key: fc.stringMatching(/^[A-Z][A-Za-z]{0,12}$/),
    value,
  });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const sections = [...new Set(entries.map((one) => one.section))];
      const expected = sections.flatMap((section) => entries.filter((one) => one.section === section));
      expect(read(renderSettings("text", entries))).toEqual(expected.map((one) => [one.section, one.key, one.value]));
    }),
  );
});

test.each([
  ["", "is empty"],
  ["a\nb", "control character"],
  ["a\u0000b", "control character"],
  [" a", "begins or ends with a blank"],
  ["a\t", "control character"],
  ["a ", "begins or ends with a blank"],
  ["a\\", "ends with a backslash"],
])("a value that no line can hold is refused: %j", (text, problem) => {
  expect(() => renderSettings("text", [{ section: "Exec", key: "Hostname", value: text }])).toThrow(problem);
  expect(() => renderSettings("text", [{ section: "Exec", key: "Hostname", value: text }])).toThrow("Exec.Hostname");
});

test("a list is emptied by a key without a value", () => {
  expect(renderSettings("text", [{ section: "Service", key: "ExecStart", value: RESET }])).toBe(
    "# text\n\n[Service]\nExecStart=\n",
  );
});
