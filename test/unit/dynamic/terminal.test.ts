import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writesToTerminal } from "../../../provider/dynamic/terminal";

let proc: string;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "pulumi-nspawn-proc-"));
});
afterEach(() => rmSync(proc, { recursive: true }));

/** A process as proc(5) shows it, with what its standard output is. */
function runs(pid: number, name: string, parent: number, output: string): void {
  mkdirSync(join(proc, `${pid}`, "fd"), { recursive: true });
  writeFileSync(join(proc, `${pid}`, "status"), `Name:\t${name}\nUmask:\t0022\nPid:\t${pid}\nPPid:\t${parent}\n`);
  symlinkSync(output, join(proc, `${pid}`, "fd/1"));
}

test.each([
  ["/dev/pts/3", true],
  ["/dev/tty1", true],
  ["pipe:[4711]", false],
  ["/home/alice/up.log", false],
  ["/dev/null", false],
])("a CLI that writes to %s has a terminal: %s", (output, expected) => {
  runs(20, "bash", 1, "/dev/pts/3");
  runs(30, "pulumi", 20, output);
  expect(writesToTerminal(30, proc)).toBe(expected);
  runs(40, "sh", 30, "pipe:[1]");
  expect(writesToTerminal(40, proc)).toBe(expected);
});

test("where no CLI can be found, there counts as being a terminal", () => {
  expect(writesToTerminal(30, proc)).toBe(true);
  runs(20, "bash", 1, "pipe:[1]");
  runs(30, "node", 20, "pipe:[1]");
  expect(writesToTerminal(30, proc)).toBe(true);
});
