import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { tryCommand } from "./command";

/**
 * Runs `body` while no other process on this machine runs one under the same file. The kernel holds the lock for a
 * child that lives as long as our end of its pipe, so a killed process leaves nothing behind.
 */
export async function withLock<T>(file: string, body: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  if (!(await hasFlock())) return body();
  const holder = spawn("flock", ["--exclusive", "--no-fork", file, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    // A separate session, so that ^C does not release the lock before the work under it has been cleaned up.
    detached: true,
  });
  try {
    const [first]: unknown[] = await Promise.race([once(holder.stdout, "data"), once(holder, "close")]);
    if (!Buffer.isBuffer(first)) throw new Error(`cannot lock ${file}`);
    return await body();
  } finally {
    holder.stdin.end();
  }
}

let flock: Promise<boolean> | undefined;

/** Every Linux has util-linux. Elsewhere, at worst two processes do the same work: results are renamed into place. */
function hasFlock(): Promise<boolean> {
  flock ??= tryCommand("flock", ["--version"]).then((result) => result.exitCode === 0);
  return flock;
}
