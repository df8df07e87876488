import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sh } from "../../provider/host/sh";
import { lines, parseAnswer, prelude, type Script } from "../../provider/remote";

// Not below /tmp, which everyone may write to.
let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync("/var/lib/pulumi-nspawn-test-"));
  chmodSync(directory, 0o755);
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);

/** What a script printed, whether or not it refused. */
function shell(text: Script): string {
  const script = lines([prelude, sh`set -eu`, text]).text;
  const { stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim();
}

const refusal = (text: Script) => parseAnswer(shell(text))?.values;
const judged = (path: string) =>
  shell(sh`source_inspect ${path}; echo "$source_absent|$source_lacking|$source_reachable|$source_open"`);

function make(path: string, mode = 0o755, owner = 0): string {
  mkdirSync(at(path));
  chownSync(at(path), owner, owner);
  chmodSync(at(path), mode);
  return at(path);
}

test("an existing source is accepted, whatever its name contains", () => {
  make("a b");
  const path = make("a b/it's -x*$(false)");
  expect(judged(path)).toBe("|0|yes|");
  writeFileSync(join(path, "file"), "");
  expect(judged(join(path, "file"))).toBe("|0|yes|");
});

test("a missing source is reported from the first missing directory on", () => {
  make("a");
  expect(judged(at("a/b/c"))).toBe(`${at("a/b")}|2|yes|`);
  expect(refusal(sh`source_present ${at("a/b/c")}`)).toEqual(["source-missing", at("a/b/c"), at("a/b")]);
});

test.each(["link", "link/inner"])("a symbolic link in the path is refused: %s", (name) => {
  make("real");
  make("real/inner");
  symlinkSync("real", at("link"));
  const path = at(name);
  expect(refusal(sh`source_present ${path}`)).toEqual([
    "source-symlink",
    path,
    at("link"),
    "real",
    path.replace("link", "real"),
  ]);
});

test("a broken link counts as a link, not as missing", () => {
  symlinkSync("/nonexistent", at("link"));
  expect(refusal(sh`source_present ${at("link")}`)?.[0]).toBe("source-symlink");
});

test.each([
  ["root's, and closed to others", 0o700, 0, "|0||"],
  ["root's, and open to a group", 0o710, 0, "|0|yes|"],
  ["a user's, who can put a link in it", 0o700, 1000, "|0|yes|OPEN"],
  ["root's, and everyone may write to it", 0o777, 0, "|0|yes|OPEN"],
])("judges a parent directory that is %s", (_what, mode, owner, expected) => {
  make("above", mode, owner);
  expect(judged(make("above/source"))).toBe(expected.replace("OPEN", at("above")));
});

test("in a sticky directory users can replace only what they own", () => {
  make("sticky", 0o1777);
  expect(judged(make("sticky/roots"))).toBe("|0|yes|");
  expect(judged(make("sticky/users", 0o755, 1000))).toBe(`|0|yes|${at("sticky")}`);
});

test("a source's own permissions do not close it", () => {
  expect(judged(make("source", 0o700))).toBe("|0|yes|");
});

test("a file system for which no kernel maps user IDs is refused by name", () => {
  expect(refusal(sh`source_mappable /proc/self`)).toEqual([
    "source-unmappable",
    "/proc/self",
    "proc",
    "",
    expect.any(String),
  ]);
});

test.each([
  ["ext4", "5.11.0-1", false],
  ["ext4", "5.12.0-1-amd64", true],
  ["btrfs", "5.10.0-30-amd64", false],
  ["tmpfs", "6.1.0-44-amd64", false],
  ["tmpfs", "6.12.9", true],
  ["nfs4", "6.18.0", false],
  ["fuse.sshfs", "6.18.0", false],
  ["something-new", "5.10.0", true],
])("mapping of user IDs of %s under Linux %s: %s", (type, kernel, mappable) => {
  const reported = shell(sh`
findmnt() { echo ${type}; }
uname() { echo ${kernel}; }
source_mappable /srv && echo mappable
`);
  expect(reported === "mappable").toBe(mappable);
});

test.each([
  ["rw,relatime", "yes"],
  ["rw,nosuid,nodev", ""],
])("setuid programs on a file system mounted %s: %j", (options, expected) => {
  expect(
    shell(sh`
findmnt() { echo ${options}; }
if source_setuid /srv; then echo yes; fi
`),
  ).toBe(expected);
});
