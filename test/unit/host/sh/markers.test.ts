import { sh } from "../../../../provider/host/sh";
import { printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const write = (marker: object, space?: number) => host.write("m 1", JSON.stringify(marker, undefined, space));

describe("marker_field", () => {
  const field = (key: string) => printed(host, sh`marker_field ${host.at("m 1")} ${key}`);

  test.each([undefined, 2])("each field of a marker is read, and a missing one is empty", (space) => {
    write({ owner: "abc", complete: true, urn: "urn:x" }, space);
    expect(["owner", "complete", "urn", "subnet"].map(field)).toEqual(["abc\n", "true\n", "urn:x\n", ""]);
  });

  test("a marker that is removed meanwhile has no fields, and ends no script", () => {
    expect(host.ended(sh`field=$(marker_field ${host.at("gone")} owner); echo "<$field>"`)).toEqual({
      status: 0,
      stdout: "<>\n",
      stderr: "",
    });
  });

  test.each([
    'urn:pulumi:dev::p::t::a","owner":"mallory","x":"',
    "ends with \\",
    '\\","owner":"mallory","x":"',
    "two\nlines",
    'it\'s "ä" {b}, [c]',
  ])("text in a field is read as it was, and not mistaken for another field: %s", (urn) => {
    write({ owner: "abc", urn });
    expect([field("owner"), field("urn")]).toEqual(["abc\n", `${urn}\n`]);
    write({ urn, owner: "abc" });
    expect([field("owner"), field("urn")]).toEqual(["abc\n", `${urn}\n`]);
    write({ urn, name: "web" });
    expect(field("owner")).toBe("");
  });
});

describe("marker_is", () => {
  const is = (text: string) => host.holds(sh`marker_is ${host.at("m 1")} urn ${text}`);

  test("holds for this very text, and for no other", () => {
    for (const urn of ["urn:x", 'a "b" \\c', "ends\n", "*", "-n", ""]) {
      write({ urn });
      expect(is(urn)).toBe(true);
      for (const other of [`${urn}\n`, `x${urn}`, "?"]) expect([urn, other, is(other)]).toEqual([urn, other, false]);
    }
  });

  test("a text that is not there is not even empty", () => {
    write({ owner: "urn:x" });
    expect([is("urn:x"), is(""), is("\n")]).toEqual([false, false, false]);
    host.write("m 1", "");
    expect(is("")).toBe(false);
  });

  test("a missing marker is none", () => {
    expect(host.ended(sh`marker_is ${host.at("gone")} urn '' || echo no`)).toMatchObject({
      stdout: "no\n",
      stderr: "",
    });
  });
});
