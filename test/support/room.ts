import { statfs } from "node:fs/promises";

const MEBIBYTE = 2 ** 20;

/** What a host with a few machines, its disks and a stack write together. */
const NEEDED_MEBIBYTES = 2048;

/** Reports that a disk of this machine is full, or nearly so: programs that run out of space seldom say so. */
export async function lackOfRoom(directory: string): Promise<string | undefined> {
  const { bavail, bsize } = await statfs(directory);
  const free = Math.floor((bavail * bsize) / MEBIBYTE);
  if (free >= NEEDED_MEBIBYTES) return undefined;
  return `the disk of this machine is full: ${free} MiB are free in ${directory}, and tests need ${NEEDED_MEBIBYTES}`;
}

/** @throws Error if a disk of this machine has no room for tests. */
export async function expectRoom(directory: string): Promise<void> {
  const lack = await lackOfRoom(directory);
  if (lack !== undefined) throw new Error(lack);
}
