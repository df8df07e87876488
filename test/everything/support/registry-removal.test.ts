import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../scripts/tools/lock";
import { ownerId } from "../../support/hosts/outer";
import { hostDirectory, lockFile } from "../../support/hosts/paths";
import { abandoned, remove, removeAbandoned } from "../../support/hosts/registry";

const name = `abandoned-${process.pid}`;
const directory = hostDirectory(name);
/** PID 1 of another boot. */
const nobody = "1@0";

afterEach(() => remove([name]));

test("the directory of a host whose process has ended is removed", async () => {
  await allocated(nobody);
  expect(await abandoned()).toContain(name);
  await removeAbandoned();
  expect(existsSync(directory)).toBe(false);
});

test("a host that gets the name of an abandoned one while others wait for the lock is left alone", async () => {
  const removal = await withLock(lockFile, async () => {
    await allocated(nobody);
    const waiting = removeAbandoned();
    await untilSomebodyWaits();
    await allocated((await ownerId(process.pid)) ?? "");
    return { ended: waiting };
  });
  await removal.ended;
  expect(existsSync(directory)).toBe(true);
});

async function allocated(owner: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "owner"), owner);
}

/** The kernel lists those who wait for a lock below its holder, marked with an arrow. */
async function untilSomebodyWaits(): Promise<void> {
  const { ino } = await stat(lockFile);
  const waits = new RegExp(`-> FLOCK .*:${ino} `);
  while (!waits.test(await readFile("/proc/locks", "utf8"))) await sleep(20);
}
