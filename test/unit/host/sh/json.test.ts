import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { sh } from "../../../../provider/host/sh";
import { lines, prelude } from "../../../../provider/remote";

/** What `json_field` prints, for each of these keys. */
function fields(json: string, keys: readonly string[]): string[] {
  const calls = keys.map((key) => sh`printf %s ${json} | json_field ${key}; printf '\0'`);
  const { status, stdout, stderr } = spawnSync("sh", {
    input: lines([prelude, sh`set -eu`, ...calls]).text,
    timeout: 20_000,
  });
  expect([status, `${stderr}`]).toEqual([0, ""]);
  return `${stdout}`.split("\0").slice(0, -1);
}

const field = (value: unknown, key: string) => fields(JSON.stringify(value), [key])[0];

/** Text as we and Pulumi may put it into a marker: neither a word of a shell nor a path can have a NUL. */
const text = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom('"', "\\", ",", ":", "{", "}", "[", "]", "\n", "\t", "u", "n", " ", "ä", "😀") }),
  )
  .filter((one) => !one.includes("\0"));

test.each([
  ["in one line", undefined],
  ["over several lines", 2],
])("whatever JSON.stringify writes %s is read as it was", (_how, space) => {
  const objects = fc
    .dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 5, noNullPrototype: true })
    .filter((object) => !Object.hasOwn(object, "__proto__"));
  fc.assert(
    fc.property(objects, text, (object, other) => {
      const keys = Object.keys(object);
      const absent = keys.includes(other) ? [] : [other];
      const expected = [...keys.map((key) => `${object[key]}\n`), ...absent.map(() => "")];
      expect(fields(JSON.stringify(object, undefined, space), [...keys, ...absent])).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("characters that are escaped are read, in whatever case", () => {
  const json = String.raw`{"a":"\u00e9\u00E9 \u20ac \ud83d\ude00 \uD83D\uDE00 \/ \b\f\n\r\t \" \\ \\u00e9"}`;
  expect(fields(json, ["a"])).toEqual(['éé € 😀 😀 / \b\f\n\r\t " \\ \\u00e9\n']);
});

test("half of a pair is the replacement character, as in Node, and a NUL is nothing", () => {
  for (const half of ["\ud83d", "\ude00", "\ud83dx", "\ud83d\ud83d", "\ud83d\\ude00"]) {
    expect(field({ a: half }, "a")).toBe(`${Buffer.from(half)}\n`);
  }
  expect(field({ a: "x\0y" }, "a")).toBe("xy\n");
});

test("only a key of the object itself counts, not one that is deeper inside, or a value", () => {
  const object = { is: "wanted", list: ["wanted", "x"], inner: { wanted: "inner" }, also: '","wanted":"evil","x":"' };
  expect(field(object, "wanted")).toBe("");
  expect(field({ ...object, wanted: "mine" }, "wanted")).toBe("mine\n");
  expect(fields(String.raw`{"back":"\\","wanted":"mine"}`, ["back", "wanted"])).toEqual(["\\\n", "mine\n"]);
});

test("a list is its items, each on a line, without what is in them", () => {
  const object = { before: [1], list: ["/a, b", 'c "d"', 7, ["inner"], { list: "x", y: ["z"] }, "]"], after: [2] };
  expect(field(object, "list")?.split("\n").slice(0, 3)).toEqual(["/a, b", 'c "d"', "7"]);
  expect(field(object, "list")).toBe('/a, b\nc "d"\n7\n]\n');
  expect(field({ list: [], other: "x" }, "list")).toBe("");
});

test("an object has no text", () => {
  expect(field({ a: { b: "x", c: ["y"] }, d: "z" }, "a")).toBe("");
});

test("what is not an object has no keys, and what is cut off ends there", () => {
  for (const json of ["", "\n", "x", '"a"', '["a","x"]', "[", "{", '{"a', '{"a"', '{"a":', '{"a":"x', '{"a":"x\\']) {
    expect([json, ...fields(json, ["a"])]).toEqual([json, ""]);
  }
  expect(fields('{"a":"x","b":"y', ["a", "b"])).toEqual(["x\n", ""]);
});

test("a key is taken as it is", () => {
  expect(field({ "a\\nb": "x", "a.b": "y", 'a"b': "z" }, "a\\nb")).toBe("x\n");
  expect(field({ "a.b": "y" }, "a?b")).toBe("");
  expect(field({ 'a"b': "z" }, 'a"b')).toBe("z\n");
  expect(field({ "-v": "z", "": "e" }, "-v")).toBe("z\n");
  expect(field({ "": "e" }, "")).toBe("e\n");
});
