import { distinctPackages, isInstalled, nameOf, versionOf } from "../../../../provider/host/roots/package-specs";

test("an entry is a name, with or without a version", () => {
  expect(["g++", "git=1:2.39-1~deb12", "nginx=1.26*"].map((spec) => [nameOf(spec), versionOf(spec)])).toEqual([
    ["g++", undefined],
    ["git", "1:2.39-1~deb12"],
    ["nginx", "1.26*"],
  ]);
});

test("an entry with a version takes precedence over one without", () => {
  expect(distinctPackages(["git", "vim", "git=1", "vim"])).toEqual(["git=1", "vim"]);
});

test.each([
  ["nginx", "1.26.3-3", true],
  ["nginx=1.26*", "1.26.3-3", true],
  ["nginx=1.26*", "1.261", true],
  ["nginx=1.26.*", "1.261", false],
  ["nginx=1.26", "1.26.3-3", false],
  ["nginx=1.26+b1", "1.26+b1", true],
  ["nginx=1*", "1:1.26", true],
])("%s is there with the version %s: %s", (spec, version, there) => {
  expect(isInstalled(spec, new Map([["nginx", version]]))).toBe(there);
  expect(isInstalled(spec, new Map())).toBe(false);
});

test("a name that another package provides is there in any version, but in no particular one", () => {
  const provided = new Map([["mail-agent", ""]]);
  expect([isInstalled("mail-agent", provided), isInstalled("mail-agent=1", provided)]).toEqual([true, false]);
});
