import { ownerIn, randomId } from "../../../provider/host/ownership";

test("a text that is no marker has no owner", () => {
  expect(ownerIn(JSON.stringify({ owner: "abc", urn: "urn:x" }))).toBe("abc");
  expect(["", "{", '{"owner":"abc"}', "[]"].map(ownerIn)).toEqual([undefined, undefined, undefined, undefined]);
});

test("a random id is valid in names of systemd and DNS", () => {
  const ids = Array.from({ length: 100 }, randomId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[a-z2-9]{8}$/);
});
