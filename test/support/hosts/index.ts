import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureDebianPackages } from "../../../scripts/tools/debian-packages";
import type { Log } from "../../../scripts/tools/log";
import { expectRoom } from "../room";
import type { Suite } from "./apt";
import { ensureBase } from "./bases";
import { canRunHosts } from "./can-run";
import { prepareDisks } from "./disks";
import { TestHost } from "./host";
import { ownerId, watch } from "./outer";
import { hostDirectory } from "./paths";
import {
  abandoned,
  allocate,
  directories,
  type HostRecord,
  keep,
  kept,
  list,
  ownedBy,
  read,
  removeAbandoned,
  removeHost,
  removeThose,
} from "./registry";

export type { Suite } from "./apt";
export { suites } from "./apt";
export { canRunHosts } from "./can-run";
export type { TestHost } from "./host";

export interface HostOptions {
  /** Also the host's hostname. If it is taken, the host gets `NAME-2` and so on. */
  readonly name: string;
  readonly suite: Suite;
  /** The file system of `/var/lib/machines`. @default "ext4" */
  readonly filesystem?: "ext4" | "btrfs";
  /** Size of `/var/lib/machines`, e.g. `300M`. @default "8G" */
  readonly imageSize?: string;
  /** How many files its disks can have: one for this many bytes (mkfs.ext4(8), `-i`). @default 16384 */
  readonly bytesPerInode?: number;
  /** Without systemd-container, the bootstrap programs and nftables. @default false */
  readonly bare?: boolean;
  /** The host stays when this process ends. @default false */
  readonly keep?: boolean;
  readonly log?: Log;
}

const needed =
  "systemd-container mmdebstrap debootstrap debian-archive-keyring nftables iproute2 btrfs-progs e2fsprogs openssh-client".split(
    " ",
  );

/** Boots a host and waits until it can be used over SSH. */
export async function up(options: HostOptions): Promise<TestHost> {
  const possible = canRunHosts();
  if (!possible.ok) throw new Error(possible.reason);
  const log = options.log ?? (() => {});
  await ensureDebianPackages(needed, log);
  await removeAbandoned();
  await expectRoom("/var/lib");
  const owner = await ownerId(process.pid);
  if (!owner) throw new Error("cannot read this process's own entry in /proc");
  await watch(owner);
  const inUse = (await list()).map((record) => record.base);
  const record = await allocate(
    {
      name: options.name,
      suite: options.suite,
      filesystem: options.filesystem ?? "ext4",
      imageSize: options.imageSize ?? "8G",
      bare: options.bare ?? false,
      base: await ensureBase(options.suite, options.bare ?? false, inUse, log),
    },
    owner,
  );
  try {
    await prepareDisks(record, options.bytesPerInode ?? 16_384);
    const host = await open(record);
    await host.powerOn();
    if (options.keep) await keep(record.name);
    return host;
  } catch (error) {
    await removeHost(record);
    throw error;
  }
}

/** A host that is up, whoever made it. */
export async function find(name: string): Promise<TestHost | undefined> {
  const record = await read(name);
  if (!record) return undefined;
  return open(record).catch((error: NodeJS.ErrnoException) => {
    // Another process is making or removing it.
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/**
 * Removes the hosts of this process and those of killed processes; with `kept` also those that were made to stay, with
 * `all` everyone's.
 */
export async function downAll(options: { kept?: boolean; all?: boolean } = {}): Promise<string[]> {
  const own = (await ownerId(process.pid)) ?? "";
  return removeThose(async () => {
    if (options.all) return directories();
    return [...(await ownedBy(own)), ...(await abandoned()), ...(options.kept ? await ownedBy(kept) : [])];
  });
}

async function open(record: HostRecord): Promise<TestHost> {
  const [type, key] = (await readFile(join(hostDirectory(record.name), "ssh_host_ed25519_key.pub"), "utf8")).split(" ");
  return new TestHost(record, `${type} ${key}`);
}
