import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { command } from "../../../scripts/tools/command";
import { withLock } from "../../../scripts/tools/lock";
import { suites } from "./apt";
import { ownerId, prepareOuter, settings } from "./outer";
import { hostDirectory, lockFile, network, script, stateDirectory } from "./paths";

const recordSchema = z.object({
  name: z.string(),
  slot: z.number(),
  suite: z.enum(suites),
  filesystem: z.enum(["ext4", "btrfs"]),
  imageSize: z.string(),
  bare: z.boolean(),
  base: z.string(),
  created: z.string(),
});

/** What another process needs to know about a host. */
export type HostRecord = z.infer<typeof recordSchema>;

/** The owner of hosts that stay until they are removed by name. */
export const kept = "kept";

export const clientKeyFile = join(stateDirectory, "id_ed25519");

/** Reserves a name and an address for a new host; if the name is taken, the host gets the next one, `web-2`. */
export function allocate(wanted: Omit<HostRecord, "slot" | "created">, owner: string): Promise<HostRecord> {
  return withLock(lockFile, async () => {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    const records = await list();
    const record = {
      ...wanted,
      name: freeName(
        wanted.name,
        records.map((other) => other.name),
      ),
      slot: freeSlot(records.map((other) => other.slot)),
      created: new Date().toISOString(),
    };
    const directory = hostDirectory(record.name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "owner"), owner);
    await writeFile(join(directory, "link"), network.veth(record.slot));
    await writeFile(join(directory, "host.json"), JSON.stringify(record));
    await prepareOuter();
    await makeClientKey();
    return record;
  });
}

export function freeName(wanted: string, taken: readonly string[]): string {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(wanted)) {
    throw new Error(
      `"${wanted}" is no name for a host: write small letters, digits and hyphens, a letter first, at most 31`,
    );
  }
  if (!taken.includes(wanted)) return wanted;
  let number = 2;
  while (taken.includes(`${wanted}-${number}`)) number += 1;
  return `${wanted}-${number}`;
}

export function freeSlot(taken: readonly number[]): number {
  for (let slot = 10; slot < 250; slot += 1) if (!taken.includes(slot)) return slot;
  throw new Error("240 hosts are up already");
}

async function makeClientKey(): Promise<void> {
  if ((await readdir(stateDirectory)).includes("id_ed25519")) return;
  await command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "pulumi-nspawn test hosts", "-f", clientKeyFile]);
}

/** Lets a host outlive the process that made it. */
export async function keep(name: string): Promise<void> {
  const file = join(hostDirectory(name), "owner");
  await writeFile(`${file}.new`, kept);
  await rename(`${file}.new`, file);
}

/** Removes hosts and everything that is left of them. */
export async function remove(names: readonly string[]): Promise<void> {
  if (names.length > 0) await removeThose(async () => names);
}

/** Removes one host, but not another one that has its name by now. */
export async function removeHost(record: HostRecord): Promise<void> {
  await removeThose(async () => ((await read(record.name))?.created === record.created ? [record.name] : []));
}

/** Removes the hosts whose process was killed together with its watchdog. */
export async function removeAbandoned(): Promise<void> {
  if ((await abandoned()).length > 0) await removeThose(abandoned);
}

/**
 * Chooses hosts and removes them, all under the lock: under it, names are given to other hosts and a new host's owner
 * is written.
 */
export function removeThose(choose: () => Promise<readonly string[]>): Promise<string[]> {
  return withLock(lockFile, async () => {
    const there = new Set(await directories());
    const known = (await choose()).filter((name) => there.has(name));
    if (known.length > 0) await command("sh", [script("teardown.sh"), ...known], { env: await settings() });
    return known;
  });
}

export async function list(): Promise<HostRecord[]> {
  const records = await Promise.all((await directories()).map(read));
  return records.filter((record) => record !== undefined).sort((a, b) => a.slot - b.slot);
}

export async function read(name: string): Promise<HostRecord | undefined> {
  const text = await readFile(join(hostDirectory(name), "host.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : recordSchema.parse(JSON.parse(text));
}

export async function ownedBy(owner: string): Promise<string[]> {
  return (await withOwners()).filter((entry) => entry.owner === owner).map((entry) => entry.name);
}

/** Only reliable under the lock: a host that is being allocated has no owner yet. */
export async function abandoned(): Promise<string[]> {
  const names: string[] = [];
  for (const { name, owner } of await withOwners()) {
    if (owner !== kept && (await ownerId(Number.parseInt(owner, 10))) !== owner) names.push(name);
  }
  return names;
}

/** Every host's directory, even one that was never finished. */
export async function directories(): Promise<string[]> {
  const names = await readdir(join(stateDirectory, "hosts")).catch(() => []);
  return names.filter((name) => !name.startsWith("."));
}

async function withOwners(): Promise<{ name: string; owner: string }[]> {
  const names = await directories();
  return Promise.all(
    names.map(async (name) => ({
      name,
      owner: await readFile(join(hostDirectory(name), "owner"), "utf8").catch(() => ""),
    })),
  );
}
