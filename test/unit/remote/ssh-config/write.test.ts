import { argument, jumpArgument, knownHostsLine, publicKeyIn } from "../../../../provider/remote";

const TEXT = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
const key = publicKeyIn(TEXT, "ssh-ed25519");

test("what is not valid Unicode is no value of ssh_config", () => {
  expect(() => argument("/a\ud800")).toThrow("it is not valid Unicode");
});

test("a way over jump hosts has no empty names, which would make the whole file unreadable", () => {
  expect(() => jumpArgument([{ host: "web1", user: "" }])).toThrow("as a name: it is empty");
  expect(() => jumpArgument([{ host: "" }])).toThrow("as a name: it is empty");
});

test.each(["a\ud800", "a".repeat(1024), "*"])("known_hosts has no name that ssh would not find: %#", (name) => {
  if (key === undefined) throw new Error("the sample is no key");
  expect(() => knownHostsLine([name], key)).toThrow("cannot be the name of a host in known_hosts");
  expect(knownHostsLine(["a".repeat(1023)], key)).toContain(TEXT);
});
