import { problemOfHostName, problemOfUserName } from "../../../../provider/remote/connection/names";

test.each([
  ["", "it is empty"],
  ["a".repeat(256), "it is longer than 255 bytes"],
  ["-oProxyCommand=x", "it begins with a dash"],
  ["a\ud800", "it contains U+D800"],
  ["a`b", 'it contains "`"'],
])("a host cannot have the name %j", (name, problem) => {
  expect(problemOfHostName(name)).toBe(problem);
});

test.each([
  ["", "it is empty"],
  ["-l", 'it begins with "-"'],
  ["a\udfff", "it contains U+DFFF"],
  ["a/b", 'it contains "/"'],
])("a user cannot have the name %j", (name, problem) => {
  expect(problemOfUserName(name)).toBe(problem);
});

test("names of domains and addresses are names", () => {
  expect(["fe80::1%eth0", "web1.example.com"].map(problemOfHostName)).toEqual([undefined, undefined]);
  expect(problemOfUserName("EXAMPLE\\joe")).toBeUndefined();
});
