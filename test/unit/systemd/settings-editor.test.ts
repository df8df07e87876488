import fc from "fast-check";
import { editSettings, type Verdict } from "../../../provider/systemd/settings-editor";
import { type Entry, RESET } from "../../../provider/systemd/settings-file";
import { parseEntries } from "../../../provider/systemd/settings-parser";

const entry = (text: string): Entry => {
  const [section = "", key = "", value = ""] = text.split(/[. ]/);
  return { section, key, value: value === "" ? RESET : value };
};
const stays = (): Verdict => "stays";
const without =
  (...keys: string[]) =>
  ({ key }: Entry): Verdict =>
    keys.includes(key) ? "goes" : "stays";

describe("editSettings", () => {
  test.each<[string, string, (one: Entry) => Verdict, string[], string]>([
    ["nothing", "[A]\nx=1", stays, [], "[A]\nx=1"],
    ["a line without its end", "[A]\nx=1", stays, ["A.y 2"], "[A]\nx=1\ny=2\n"],
    [
      "a section that is there twice",
      "[A]\nx=1\n[B]\nb=\n[A]\n\n# end\n",
      stays,
      ["A.y 2"],
      "[A]\nx=1\n[B]\nb=\n[A]\ny=2\n\n# end\n",
    ],
    ["a section that is missing", "[A]\nx=1\n", stays, ["B.y 2", "B.z 3"], "[A]\nx=1\n\n[B]\ny=2\nz=3\n"],
    ["an empty file", "", stays, ["B.y 2"], "[B]\ny=2\n"],
    ["a line that continues", "[A]\nx=1 \\\n # of x\n  2\ny=3\n", without("x"), ["A.x 4"], "[A]\n # of x\nx=4\ny=3\n"],
    ["a last line that would continue", "[A]\nx=1 \\\n", stays, ["A.y 2"], "[A]\nx=1 \\\n\ny=2\n"],
    ["a last line that would continue into a section", "[A]\nx=1 \\", stays, ["B.y 2"], "[A]\nx=1 \\\n\n[B]\ny=2\n"],
    ["lines with other ends", "[A]\r\nx=1\r\n", without("x"), ["A.x 2"], "[A]\r\nx=2\n"],
  ])("edits %s", (_what, text, judge, additions, expected) => {
    expect(editSettings(text, judge, additions.map(entry)).text).toBe(expected);
  });

  test("a changed value keeps its line", () => {
    const judge = ({ key }: Entry): Verdict => (key === "x" ? { value: "2" } : "stays");
    expect(editSettings("[A]\n# of x\n x = 1\ny=1\n", judge, []).text).toBe("[A]\n# of x\nx=2\ny=1\n");
  });

  test("systemd reads what stays and what is added, and each added line by its number", () => {
    const line = fc.constantFrom("x=1", "x=", "y=1 \\", "# c", "", "  z = 3 ", "junk", "\\", "; c \\");
    const text = fc
      .array(fc.tuple(fc.constantFrom("[A]", "[B]"), fc.array(line)), { minLength: 1 })
      .chain((sections) =>
        fc
          .constantFrom("\n", "\r\n", "\n\0")
          .map((end) => sections.flatMap(([head, body]) => [head, ...body]).join(end)),
      );
    const addition = fc.record({
      section: fc.constantFrom("A", "B", "C"),
      key: fc.constantFrom("x", "y", "n"),
      value: fc.constantFrom<Entry["value"]>("7", "8", RESET),
    });
    fc.assert(
      fc.property(text, fc.array(addition), fc.subarray(["x", "y", "z"]), (whole, additions, gone) => {
        const { text: edited, added, entries } = editSettings(whole, without(...gone), additions);
        expect(byKey(parseEntries(edited))).toEqual(byKey(entries));
        const kept = parseEntries(whole).filter(({ key }) => !gone.includes(key));
        expect(byKey(entries)).toEqual(byKey([...kept, ...additions]));
        const lines = edited.split(/\n\r?\0?|\r\n?\0?|\0/);
        const texts = added.map((number) => lines[number - 1]).filter((one) => !one?.startsWith("["));
        expect(texts.sort()).toEqual(
          additions.map(({ key, value }) => `${key}=${value === RESET ? "" : value}`).sort(),
        );
      }),
    );
  });
});

/** The order of keys means nothing to systemd. */
function byKey(entries: readonly Entry[]): Map<string, Entry["value"][]> {
  const found = new Map<string, Entry["value"][]>();
  for (const { section, key, value } of entries) {
    found.set(`${section}.${key}`, [...(found.get(`${section}.${key}`) ?? []), value]);
  }
  return found;
}
