import fc from "fast-check";
import { shortest } from "../../soak/shrink";

const containsAll =
  (wanted: readonly number[]) =>
  async (items: readonly number[]): Promise<boolean> =>
    wanted.every((item) => items.includes(item));
const always = () => true;

const cases = fc
  .uniqueArray(fc.nat(), { maxLength: 40 })
  .chain((items) => fc.tuple(fc.constant(items), fc.subarray(items)));

test("exactly the items that make it fail are left, in their order", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([items, needed]) => {
      expect(await shortest(items, containsAll(needed), always)).toEqual(needed);
    }),
  );
});

test("it stops when it may not try any more, with something that fails", async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.nat(20), async ([items, needed], most) => {
      let tries = 0;
      const fails = async (tried: readonly number[]) => {
        tries += 1;
        return containsAll(needed)(tried);
      };
      const found = await shortest(items, fails, () => tries < most);
      expect(tries).toBeLessThanOrEqual(most);
      expect(await containsAll(needed)(found)).toBe(true);
    }),
  );
});

test("items that only fail together are kept together", async () => {
  const fails = async (items: readonly number[]) => items.includes(3) && items.length >= 4;
  const found = await shortest([1, 2, 3, 4, 5, 6, 7, 8], fails, always);
  expect(found).toHaveLength(4);
  expect(found).toContain(3);
});
