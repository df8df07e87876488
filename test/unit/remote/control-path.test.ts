import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newControlPath } from "../../../provider/remote/openssh/control-path";

const before = process.env.XDG_RUNTIME_DIR;
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "control-"));
  process.env.XDG_RUNTIME_DIR = place;
});
afterEach(() => {
  rmSync(place, { recursive: true });
  if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
  else process.env.XDG_RUNTIME_DIR = before;
});

const directory = () => join(place, `pulumi-nspawn-${process.getuid?.()}`);

test("each master has a socket of its own, in one directory for this user alone", () => {
  const [first, second] = [newControlPath(), newControlPath()];
  expect(first).not.toBe(second);
  expect([dirname(first), dirname(second)]).toEqual([directory(), directory()]);
  expect(statSync(directory()).mode & 0o777).toBe(0o700);
});

test.each([
  ["is open to others", (path: string) => mkdirSync(path, { mode: 0o750 })],
  ["is a link", (path: string) => symlinkSync(tmpdir(), path)],
])("a directory that %s is refused", (_, make) => {
  make(directory());
  expect(newControlPath).toThrow(/is no directory of this user alone/);
});

test("a place where none can be made is refused", () => {
  process.env.XDG_RUNTIME_DIR = join(place, "missing");
  expect(newControlPath).toThrow(/is no directory of this user alone/);
});
