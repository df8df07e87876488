import fc from "fast-check";
import { compared, holds, median, ratio } from "../../../bench/support/figures";

test("a median is the middle value, or lies between the two middle values", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test("a median has as many values on either side, whatever their order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(median([...values].reverse())).toBe(middle);
    }),
  );
});

test("each round is compared with its own baseline, so that a slow round does not count", () => {
  const pairs = [
    { ours: 110, baseline: 100 },
    { ours: 1200, baseline: 1000 },
    { ours: 130, baseline: 100 },
  ];
  expect(ratio(pairs)).toBeCloseTo(1.2);
  const figure = compared("preview", pairs, "nothing", 1.15);
  expect(figure).toMatchObject({ ours: "0.13 s", baseline: "nothing: 0.10 s" });
  expect(holds(figure)).toBe(false);
  expect(holds({ ...figure, limit: 1.21 })).toBe(true);
  expect(holds({ ...figure, limit: undefined })).toBe(true);
});
