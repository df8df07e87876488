import { rootLookOf } from "../../../provider/host/root-look";

const list = "bash 5.2\n";

test("a root's release and packages are read", () => {
  const look = rootLookOf(`VERSION_CODENAME=trixie\n\fread\n${list}\fread\n`);
  expect(look.osRelease.codename).toBe("trixie");
  expect([...look.packages]).toEqual([["bash", "5.2"]]);
  expect(look.unreadable).toBeUndefined();
});

test("a tree without these files is an empty one", () => {
  expect(rootLookOf("\fmissing\n\fmissing\n")).toEqual({
    osRelease: { id: "linux", prettyName: "", versionId: "", codename: "" },
    packages: new Map(),
  });
});

test.each([
  ["\fread\n\flarge\n", "/var/lib/dpkg/status in it is larger than such a file can be"],
  [
    "\firregular\n\ffailed\n",
    "/usr/lib/os-release in it is not a regular file, or is reached by a link, and /var/lib/dpkg/status in it cannot be read",
  ],
  ["\fread\nbash 5.2\n", "/var/lib/dpkg/status in it cannot be read"],
  ["", "/usr/lib/os-release in it cannot be read, and /var/lib/dpkg/status in it cannot be read"],
])("what could not be read has a reason: %j", (text, reason) => {
  expect(rootLookOf(text).unreadable).toBe(reason);
});
