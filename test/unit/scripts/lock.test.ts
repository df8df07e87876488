import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../scripts/tools/lock";
import { root } from "../../support/root";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lock-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("only one at a time holds a lock, and a failure releases it", async () => {
  const file = join(directory, "made/on/demand.lock");
  const events: string[] = [];
  const work = (name: string) =>
    withLock(file, async () => {
      events.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${name} ends`);
      if (name === "first") throw new Error("no luck");
      return name;
    });
  const [first, second] = await Promise.allSettled([work("first"), work("second")]);
  expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
  for (const name of ["first", "second"])
    expect(events.indexOf(`${name} ends`)).toBe(events.indexOf(`${name} starts`) + 1);
});

test("a process that is killed releases its lock", async () => {
  const file = join(directory, "lock");
  const program = `
    const { withLock } = require(${JSON.stringify(join(root, "scripts/tools/lock.ts"))});
    withLock(${JSON.stringify(file)}, () => { console.log("held"); return new Promise(() => setInterval(() => {}, 1000)); });
  `;
  const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  expect(await withLock(file, async () => "mine")).toBe("mine");
});
