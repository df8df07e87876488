import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sh } from "../../../provider/host/sh";
import { lines, prelude } from "../../../provider/remote";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "coalesced-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const at = (name: string) => join(directory, name);
const logged = () => (existsSync(at("log")) ? readFileSync(at("log"), "utf8").trim().split("\n") : []);

/**
 * Calls `coalesced` for a command that logs `run NAME`, and lasts until the file `NAME.go` exists. Before it waits, it
 * logs `waits NAME`. It does not outlive this process.
 */
function script(name: string, status = 0): ChildProcess {
  const text = lines([
    prelude,
    sh`
set -eu
coalesced_directory=${at("state")}
flock() { echo waits ${name} >>${at("log")}; command flock "$@"; }
reload() {
  echo run ${name} >>${at("log")}
  until [ -e ${at(`${name}.go`)} ] || ! kill -0 ${process.pid}; do sleep 0.02; done
  return ${status}
}
coalesced it reload
`,
  ]);
  return spawn("sh", ["-c", text.text], { stdio: "inherit" });
}

const go = (name: string) => writeFileSync(at(`${name}.go`), "");
const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("exit", resolve));
async function shows(line: string): Promise<void> {
  while (!logged().includes(line)) await pause(10);
}

test("a run that began after all waiting calls serves them all, and one that began before serves none", async () => {
  const first = ended(script("first"));
  await shows("run first");
  const waiting = ["a", "b", "c", "d"];
  const all = waiting.map((name) => ended(script(name)));
  for (const name of waiting) {
    await shows(`waits ${name}`);
    go(name);
  }
  go("first");
  expect(await Promise.all([first, ...all])).toEqual([0, 0, 0, 0, 0]);
  const runs = logged().filter((line) => line.startsWith("run"));
  expect(runs).toEqual(["run first", expect.stringMatching(/^run [abcd]$/)]);
});

test("a call after the end of a run runs again", async () => {
  for (const name of ["first", "second"]) {
    go(name);
    expect(await ended(script(name))).toBe(0);
  }
  expect(logged()).toEqual(["waits first", "run first", "waits second", "run second"]);
});

test("a run that fails ends its script, and serves no other", async () => {
  const first = ended(script("first"));
  await shows("run first");
  const second = ended(script("second", 3));
  await shows("waits second");
  go("first");
  await shows("run second");
  const third = ended(script("third"));
  await shows("waits third");
  go("second");
  go("third");
  expect(await Promise.all([first, second, third])).toEqual([0, 3, 0]);
  expect(logged()).toContain("run third");
});

test("a killed run serves no other", async () => {
  const first = script("first");
  await shows("run first");
  first.kill("SIGKILL");
  await ended(first);
  go("second");
  expect(await ended(script("second"))).toBe(0);
  expect(logged()).toContain("run second");
});
