import { ownerIn, randomId } from "../../../provider/host/ownership";
import { sh } from "../../../provider/host/sh";
import { lines } from "../../../provider/remote";
import { ScratchHost } from "./support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

/** What the shell reads from a marker. */
function field(marker: object, key: string): string | undefined {
  host.write("marker", JSON.stringify(marker));
  const [answer] = host.run(lines([sh`answer field "$(marker_field ${host.at("marker")} ${key})"`]));
  return answer?.values[0];
}

test("each field of a marker is read, and a missing one is empty", () => {
  const marker = { owner: "abc", complete: "no", urn: "urn:x" };
  expect(Object.keys(marker).map((key) => field(marker, key))).toEqual(["abc", "no", "urn:x"]);
  expect(field(marker, "subnet")).toBe("");
});

test("a marker that is removed meanwhile has no fields, and ends no script", () => {
  const text = lines([sh`set -eu; field=$(marker_field ${host.at("gone")} owner); answer field "$field"`]);
  expect(host.run(text)).toEqual([{ key: "field", values: [""] }]);
});

test("text in a field is not mistaken for another field", () => {
  const urn = 'urn:pulumi:dev::p::t::a","owner":"mallory","x":"';
  expect(field({ owner: "abc", urn }, "owner")).toBe("abc");
  expect(field({ urn, owner: "abc" }, "owner")).toBe("abc");
  expect(field({ urn, name: "web" }, "owner")).toBe("");
});

test("a text that is no marker has no owner", () => {
  expect(ownerIn(JSON.stringify({ owner: "abc", urn: "urn:x" }))).toBe("abc");
  expect(["", "{", '{"owner":"abc"}', "[]"].map(ownerIn)).toEqual([undefined, undefined, undefined, undefined]);
});

test("a random id is valid in names of systemd and DNS", () => {
  const ids = Array.from({ length: 100 }, randomId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[a-z2-9]{8}$/);
});
