import { difference } from "../../../provider/host/drift";

test.each([
  ["a line that goes", "a\nb\nc", "a\nc", "-b"],
  ["a line that comes", "a\nc", "a\nb\nc", "+b"],
  ["a line that changes", "a\nb", "a\nB", "-b\n+B"],
  ["a line that is there twice", "a\na", "a", "-a"],
  ["another order", "a\nb", "b\na", "-a\n+a"],
  ["an end without a newline", "a\n", "a", "-"],
])("a difference shows %s", (_, wanted, found, shown) => {
  expect(difference(wanted, found)).toBe(shown);
});
