import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NO_RETRY_DELAY } from "../../../provider/apt";
import { command } from "../../../scripts/tools/command";
import { withLock } from "../../../scripts/tools/lock";
import { duration, type Log } from "../../../scripts/tools/log";
import { deb822, readOuterApt, type Suite, sourceLines } from "./apt";
import { basesDirectory, script } from "./paths";

export const carefulPassword = "correct-horse-battery";

const barePackages = [
  ...["systemd", "systemd-sysv", "dbus", "udev", "openssh-server", "sudo"],
  ...["iproute2", "ca-certificates", "procps", "debian-archive-keyring"],
];
const fullPackages = [
  ...barePackages,
  ...["systemd-container", "mmdebstrap", "debootstrap", "nftables", "polkitd", "libnss-mymachines", "systemd-resolved"],
  ...["gpg", "btrfs-progs", "e2fsprogs", "zstd", "curl", "iputils-ping"],
];

interface Base {
  readonly suite: Suite;
  readonly packages: readonly string[];
  readonly sources: readonly string[];
  readonly settings: string;
}

/** The root file system of a suite, built once and shared by all its hosts as their read-only lower layer. */
export async function ensureBase(suite: Suite, bare: boolean, inUse: readonly string[], log: Log): Promise<string> {
  const apt = await readOuterApt();
  const base: Base = {
    suite,
    packages: bare ? barePackages : fullPackages,
    sources: sourceLines(apt, suite),
    settings: `${apt.settings}${NO_RETRY_DELAY.line}\n`,
  };
  const kind = bare ? `${suite}-bare` : suite;
  const directory = join(basesDirectory, `${kind}-${await definitionHash(base)}`);
  await withLock(join(basesDirectory, `${kind}.lock`), async () => {
    if (await exists(directory)) return;
    await removeOutdated(kind, inUse);
    await build(base, directory, kind, log);
  });
  return directory;
}

async function definitionHash(base: Base): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(base));
  hash.update(await readFile(script("customize-base.sh"))).update(carefulPassword);
  return hash.digest("hex").slice(0, 12);
}

async function build(base: Base, directory: string, kind: string, log: Log): Promise<void> {
  const started = Date.now();
  log(`building the base of ${kind} hosts (once; about a minute) …`);
  // The programs of a build whose process was killed may still work in its directory.
  const building = join(basesDirectory, `.building-${kind}-${process.pid}`);
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true });
  const settings = join(building, "apt.conf");
  const root = join(building, "root");
  await writeFile(settings, base.settings);
  const include = `--include=${base.packages.join(",")}`;
  await command("mmdebstrap", [
    "--quiet",
    "--variant=minbase",
    `--aptopt=${settings}`,
    include,
    base.suite,
    root,
    ...base.sources,
  ]);
  await command("sh", [script("customize-base.sh"), root, carefulPassword]);
  await writeAptConfiguration(base, root);
  await rename(building, directory);
  log(`built the base of ${kind} hosts in ${duration(Date.now() - started)}`);
}

async function writeAptConfiguration(base: Base, root: string): Promise<void> {
  await rm(join(root, "etc/apt/apt.conf.d/99mmdebstrap"), { force: true });
  await writeFile(join(root, "etc/apt/apt.conf.d/90outer-machine"), base.settings);
  if (base.sources.length === 0) return;
  // Both formats are in use: bookworm's installer writes lines, later ones deb822.
  if (base.suite === "bookworm") {
    await writeFile(join(root, "etc/apt/sources.list"), `${base.sources.join("\n")}\n`);
  } else {
    await rm(join(root, "etc/apt/sources.list"), { force: true });
    await writeFile(join(root, "etc/apt/sources.list.d/debian.sources"), deb822(base.sources));
  }
}

async function removeOutdated(kind: string, inUse: readonly string[]): Promise<void> {
  for (const name of outdated(await readdir(basesDirectory), kind)) {
    const directory = join(basesDirectory, name);
    if (!inUse.includes(directory)) await rm(directory, { recursive: true, force: true });
  }
}

/**
 * What former definitions of a kind of base left behind, and abandoned builds; those of `bookworm-bare` do not belong
 * to `bookworm`.
 */
export function outdated(names: readonly string[], kind: string): string[] {
  return names.filter((name) => name.replace(/-[0-9a-f]{12}$|^\.building-(.*)-\d+$/, "$1") === kind && name !== kind);
}

async function exists(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}
