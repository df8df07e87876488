import * as fc from "fast-check";
import { parseColonFields, quoteColonField, renderColonFields } from "../../../provider/systemd/colon-fields";

const field = fc.string({ unit: fc.oneof(fc.constantFrom(..."\\: \"'a/"), fc.constantFrom("ä", "😀", "\t")) });

test("fields are read back as they were written, whatever they contain", () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (fields) => {
      expect(parseColonFields(renderColonFields(fields))).toEqual({ fields });
    }),
  );
});

test("the text after the last field is kept as it is", () => {
  fc.assert(
    fc.property(field, field, fc.string(), (source, target, rest) => {
      expect(parseColonFields(`${renderColonFields([source, target])}:${rest}`, 2)).toEqual({
        fields: [source, target],
        rest,
      });
    }),
  );
});

test.each([
  ["/a:b", "/a\\:b"],
  ["C:\\x", "C\\:\\\\x"],
  [`it's "so"`, `it's "so"`],
])("%s is written as %s", (path, text) => {
  expect(quoteColonField(path)).toBe(text);
});

test("a backslash before any character stands for that character, and none may be the last", () => {
  expect(parseColonFields("\\/a\\ b:c").fields).toEqual(["/a b", "c"]);
  expect(() => parseColonFields("/a:b\\")).toThrow(/ends with a backslash/);
});
