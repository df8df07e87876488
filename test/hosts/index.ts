import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command } from "../../scripts/tools/command";
import { ensureDebianPackages } from "../../scripts/tools/debian-packages";
import type { Log } from "../../scripts/tools/log";
import type { Suite } from "./apt";
import { ensureBase } from "./bases";
import { TestHost } from "./host";
import { nameServers, ownerId, settings, watch } from "./outer";
import { hostDirectory, network, script } from "./paths";
import {
  abandoned,
  allocate,
  clientKeyFile,
  directories,
  type HostRecord,
  kept,
  list,
  ownedBy,
  read,
  remove,
} from "./registry";

export type { Suite } from "./apt";
export { suites } from "./apt";
export type { TestHost } from "./host";

export interface HostOptions {
  /** Also the host's hostname. Where it is taken, the host gets `NAME-2` and so on. */
  readonly name: string;
  readonly suite: Suite;
  /** Of `/var/lib/machines`. @default "ext4" */
  readonly filesystem?: "ext4" | "btrfs";
  /** Size of `/var/lib/machines`, e.g. `300M`. @default "8G" */
  readonly imageSize?: string;
  /** Without systemd-container, the bootstrap programs and nftables. @default false */
  readonly bare?: boolean;
  /** The host stays when this process ends. @default false */
  readonly keep?: boolean;
  readonly log?: Log;
}

const needed = ["systemd-container", "mmdebstrap", "debootstrap", "nftables", "iproute2", "util-linux", "mount"].concat(
  [...["btrfs-progs", "e2fsprogs", "openssh-client", "debian-archive-keyring"]],
);

/** Whether disposable hosts can run on this machine, and what is in the way if not. */
export function canRunHosts(): { ok: true } | { ok: false; reason: string } {
  if (process.platform !== "linux")
    return { ok: false, reason: `disposable hosts need Linux, and this is ${process.platform}` };
  if (process.getuid?.() !== 0) return { ok: false, reason: "disposable hosts need root on this machine" };
  return { ok: true };
}

/** Boots a host and waits until it is ready to be used over SSH. */
export async function up(options: HostOptions): Promise<TestHost> {
  const possible = canRunHosts();
  if (!possible.ok) throw new Error(possible.reason);
  const log = options.log ?? (() => {});
  await ensureDebianPackages(needed, log);
  await remove(await abandoned());
  const owner = options.keep ? kept : await ownerId(process.pid);
  if (!owner) throw new Error("cannot read this process's own /proc entry");
  if (!options.keep) await watch(owner);
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
    await prepareDisks(record);
    const host = await open(record);
    await host.powerOn();
    return host;
  } catch (error) {
    await remove([record.name]);
    throw error;
  }
}

/** A host that is up, whoever made it. */
export async function find(name: string): Promise<TestHost | undefined> {
  const record = await read(name);
  return record && open(record);
}

/**
 * Removes the hosts of this process and those of processes that were killed; with `kept` also those that were made to
 * stay, with `all` those of everyone.
 */
export async function downAll(options: { kept?: boolean; all?: boolean } = {}): Promise<string[]> {
  const own = (await ownerId(process.pid)) ?? "";
  const mine = [...(await ownedBy(own)), ...(await abandoned()), ...(options.kept ? await ownedBy(kept) : [])];
  const names = options.all ? await directories() : mine;
  await remove(names);
  return names;
}

async function open(record: HostRecord): Promise<TestHost> {
  const [type, key] = (await readFile(join(hostDirectory(record.name), "ssh_host_ed25519_key.pub"), "utf8")).split(" ");
  return new TestHost(record, `${type} ${key}`);
}

async function prepareDisks(record: HostRecord): Promise<void> {
  const directory = hostDirectory(record.name);
  const address = network.address(record.slot);
  const hostKeyFile = join(directory, "ssh_host_ed25519_key");
  await command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", `root@${record.name}`, "-f", hostKeyFile]);
  const hostKey = await readFile(`${hostKeyFile}.pub`, "utf8");
  await writeFile(join(directory, "known_hosts"), `${address},${record.name} ${hostKey}`);
  await writeFile(join(directory, "ssh_config"), sshConfig(record.name, address, directory));
  await writeFile(join(directory, "authorized_keys"), await readFile(`${clientKeyFile}.pub`));

  const servers = await nameServers();
  const seed = {
    "etc/hostname": `${record.name}\n`,
    "etc/hosts": `127.0.0.1 localhost\n127.0.1.1 ${record.name}\n`,
    "etc/resolv.conf": servers.map((server) => `nameserver ${server}\n`).join(""),
    "etc/systemd/network/10-eth0.network": uplink(address, servers),
    "etc/ssh/ssh_host_ed25519_key": await readFile(hostKeyFile, "utf8"),
    "etc/ssh/ssh_host_ed25519_key.pub": hostKey,
  };
  for (const [path, text] of Object.entries(seed)) {
    const file = join(directory, "seed", path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await chmod(join(directory, "seed/etc/ssh/ssh_host_ed25519_key"), 0o600);
  const environment = {
    DIRECTORY: directory,
    BASE: record.base,
    FILESYSTEM: record.filesystem,
    IMAGE_SIZE: record.imageSize,
  };
  await command("unshare", ["--mount", "sh", script("disks.sh")], { env: { ...(await settings()), ...environment } });
}

/** The address is there before the boot: with KeepConfiguration networkd takes it over as it is. */
function uplink(address: string, servers: readonly string[]): string {
  const dns = servers.map((server) => `DNS=${server}\n`).join("");
  return `[Match]\nName=eth0\n\n[Network]\nAddress=${address}/24\nGateway=${network.gateway}\n${dns}LinkLocalAddressing=no\nKeepConfiguration=yes\n`;
}

function sshConfig(name: string, address: string, directory: string): string {
  return `Host ${name}
  HostName ${address}
  User root
  IdentityFile ${clientKeyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${join(directory, "known_hosts")}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`;
}
