import * as fc from "fast-check";
import { UNKNOWN } from "../../../provider/dynamic";
import { changes, label, needsRepair, replacements, withoutEmptyDrift } from "../../../provider/dynamic/diff";
import { toy } from "./toy";

const state = { name: "a", size: "1", tags: [], address: "192.0.2.1" };

test("inputs that are equal after normalising are no change, whatever the outputs", () => {
  expect(changes(toy, state, { name: "a", size: 1 })).toEqual([]);
});

test("each change carries the effect of its input", () => {
  const found = changes(toy, state, { name: "b", size: "2", tags: [{ key: "x" }], secret: "s" });
  expect(found.map(({ key, effect }) => [key, effect])).toEqual([
    ["name", "replace"],
    ["size", "live"],
    ["tags", "restart"],
    ["secret", "state"],
  ]);
  expect(replacements(found)).toEqual(["name"]);
  expect(label(found, state)).toBe("replace: name; live: size; restart: tags");
});

test("an unknown value is a change that never replaces", () => {
  const found = changes(toy, state, { name: UNKNOWN, size: "1" });
  expect(found).toEqual([{ key: "name", effect: "replace", known: false }]);
  expect(replacements(found)).toEqual([]);
  expect(label(found, state)).toBeUndefined();
});

test("a missing required value is unknown, and never replaces", () => {
  const found = changes(toy, state, { size: "1" });
  expect(found).toEqual([{ key: "name", effect: "replace", known: false }]);
  expect(replacements(found)).toEqual([]);
});

test("an unknown value is labelled if it restarts", () => {
  expect(label(changes(toy, state, { name: UNKNOWN, size: UNKNOWN, tags: UNKNOWN }), state)).toBe("restart: tags");
  expect(label(changes(toy, state, { ...state, tags: [{ key: UNKNOWN }] }), state)).toBe("restart: tags");
});

test("diff accepts the unknown sentinel at any key and never throws", () => {
  const anything = fc.anything({
    values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(UNKNOWN), fc.constant(null)],
  });
  const keys = ["name", "size", "tags", "secret"];
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...keys), anything),
      fc.dictionary(fc.constantFrom(...keys), anything),
      (olds, news) => {
        expect(Array.isArray(changes(toy, olds, news))).toBe(true);
      },
    ),
  );
});

test("drift and unfinished work need a repair", () => {
  expect(needsRepair(state)).toBe(false);
  expect(needsRepair({ ...state, drift: {} })).toBe(false);
  expect(withoutEmptyDrift({ size: 1, drift: {} })).toEqual({ size: 1 });
  expect(withoutEmptyDrift({ size: 1, drift: { size: "-1" } })).toEqual({ size: 1, drift: { size: "-1" } });
  expect(needsRepair({ ...state, drift: { "/etc/x": "missing" } })).toBe(true);
  expect(label([], { ...state, drift: { "/etc/x": "missing" } })).toBe("repair: /etc/x");
  expect(needsRepair({ ...state, unfinished: true })).toBe(true);
  expect(label([], { ...state, unfinished: true })).toBe("repair: the last update did not finish");
});
