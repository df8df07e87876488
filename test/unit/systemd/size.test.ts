import * as fc from "fast-check";
import { bytesOf, formatSize, sizeSchema } from "../../../provider/systemd/size";

test.each([
  ["2GiB", 2 * 1024 ** 3],
  ["512M", 512 * 1024 ** 2],
  ["1.5G", 1.5 * 1024 ** 3],
  ["4096", 4096],
  [1000, 1000],
])("%s is a number of bytes", (size, bytes) => {
  expect(bytesOf(size)).toBe(bytes);
});

test.each(["2GB", "", "-1", "0", "1.5", "two", "1 0", "2gib", "∞"])("%j is refused, with what to write", (size) => {
  expect(() => sizeSchema.parse(size)).toThrow(/is not a size: write bytes, or a number with a unit/);
});

test("the shortest spelling is exact and stays as it is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      expect(bytesOf(formatSize(bytes))).toBe(bytes);
      expect(sizeSchema.parse(formatSize(bytes))).toBe(formatSize(bytes));
    }),
  );
});
