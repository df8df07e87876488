import * as fc from "fast-check";
import { UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { toy } from "./toy";

const urn = "urn:pulumi:dev::project::toy::one";

test("defaults are returned and values are normalised", () => {
  const { inputs, failures } = check(toy, {}, { name: "a", size: 5, __urn: urn, _v: 2 });
  expect(failures).toEqual([]);
  expect(inputs).toEqual({ name: "a", size: "5", tags: [], path: "a", __urn: urn, _v: 2 });
});

test("what check returned passes check unchanged", () => {
  const value = fc.record(
    {
      name: fc.string({ minLength: 1 }),
      size: fc.oneof(fc.string(), fc.nat()),
      tags: fc.array(fc.record({ key: fc.string(), value: fc.string() }, { requiredKeys: ["key"] })),
      secret: fc.string({ maxLength: 3 }),
    },
    { requiredKeys: ["name"] },
  );
  fc.assert(
    fc.property(value, (news) => {
      const once = check(toy, {}, { ...news, __urn: news.name }).inputs;
      const { path: _derived, ...again } = once;
      expect(check(toy, {}, again).inputs).toEqual(once);
    }),
  );
});

test("a failure names the nested path and never the value of a secret", () => {
  const { failures } = check(toy, {}, { name: "", tags: [{ key: 5 }], secret: "hunter2", __urn: urn });
  const reasons = failures.map((failure) => failure.reason);
  expect(reasons).toEqual(["name: must not be empty", expect.stringMatching(/^tags\.0\.key: /), "secret: is too long"]);
  expect(reasons.join()).not.toContain("hunter2");
  expect(new Set(failures.map((failure) => failure.property))).toEqual(new Set([""]));
});

test("an unknown input is refused with the known ones", () => {
  const { failures } = check(toy, {}, { name: "a", naem: "b" });
  expect(failures.map((failure) => failure.reason)).toEqual([
    '"naem" is not an input of Toy (did you mean "name"?). Its inputs are name, size, tags, secret.',
  ]);
});

test("unknown values pass at any depth, and errors next to them are still reported", () => {
  expect(check(toy, {}, { name: UNKNOWN, tags: UNKNOWN, size: UNKNOWN }).failures).toEqual([]);
  expect(check(toy, {}, { name: "a", tags: [{ key: UNKNOWN, value: "x" }] }).failures).toEqual([]);
  const { failures } = check(toy, {}, { name: UNKNOWN, tags: [{ key: UNKNOWN, value: 7 }] });
  expect(failures).toHaveLength(1);
  expect(failures[0]?.reason).toMatch(/^tags\.0\.value: /);
});

test("a missing input is reported in a preview, but may be unknown in an update, below a failed resource", () => {
  const preview = (news: object) => check(toy, {}, { ...news, __preview: true }).failures.map(({ reason }) => reason);
  expect(preview({})).toEqual([expect.stringMatching(/^name: it is missing/)]);
  expect(preview({ name: "a", tags: [{}] })).toEqual([expect.stringMatching(/^tags\.0\.key: it is missing/)]);
  expect(check(toy, {}, { __urn: urn })).toEqual({ inputs: { tags: [], __urn: urn }, failures: [] });
  expect(check(toy, { name: "old" }, { name: "a", tags: [{}] }).failures).toEqual([]);
  expect(check(toy, {}, { tags: [{ key: 5 }] }).failures).toHaveLength(1);
});

test("a change that would lose something is refused, and an unknown one is not", () => {
  expect(check(toy, { name: "old" }, { name: "new", __urn: urn }).failures[0]?.reason).toBe('"old" would be lost');
  expect(check(toy, { name: "old" }, { name: UNKNOWN, __urn: urn }).failures).toEqual([]);
});

test("two resources of one program that claim the same thing are refused, but not the same one twice", () => {
  expect(check(toy, {}, { name: "claimed", __urn: "urn:a" }).failures).toEqual([]);
  expect(check(toy, {}, { name: "claimed", __urn: "urn:a" }).failures).toEqual([]);
  expect(check(toy, {}, { name: "claimed", __urn: "urn:b" }).failures.map((failure) => failure.reason)).toEqual([
    'the toy "claimed" is already claimed by urn:a. Change one of the two.',
  ]);
});
