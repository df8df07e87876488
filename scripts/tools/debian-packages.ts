import { existsSync } from "node:fs";
import { NO_RETRY_DELAY } from "../../provider/apt";
import { cacheDirectory } from "./cache";
import { command, tryCommand } from "./command";
import { withLock } from "./lock";
import { duration, type Log } from "./log";

/** Ensures that Debian packages are installed: installs them as root, else throws with the command to type. */
export async function ensureDebianPackages(names: readonly string[], log: Log): Promise<void> {
  if (!existsSync("/usr/bin/dpkg-query")) {
    throw new Error(
      `this machine is not a Debian (it has no dpkg): install the contents of these Debian packages: ${names.join(" ")}`,
    );
  }
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(`Debian packages are missing: run\n  sudo apt install ${missing.join(" ")}`);
  }
  // Two at once would contend for the lock of apt's lists, for which apt does not wait.
  await withLock(cacheDirectory("debian-packages.lock"), () => install(names, log));
}

async function install(names: readonly string[], log: Log): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const started = Date.now();
  log(`installing Debian packages: ${missing.join(" ")} …`);
  await aptGet(["update"]);
  await aptGet(["install", "--yes", "--no-install-recommends", ...missing]);
  log(`installed them in ${duration(Date.now() - started)}`);
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  const format = "${Package} ${db:Status-Status}\\n";
  // An unknown name makes dpkg-query fail, but it still reports the others.
  const { stdout } = await tryCommand("dpkg-query", ["--show", `--showformat=${format}`, ...names]);
  return namesNotInstalled(names, stdout);
}

/** Those of `names` that a list of lines `PACKAGE STATUS` does not report as installed. */
export function namesNotInstalled(names: readonly string[], statusLines: string): string[] {
  const lines = new Set(statusLines.split("\n"));
  return names.filter((name) => !lines.has(`${name} installed`));
}

async function aptGet(args: readonly string[]): Promise<void> {
  // Unattended upgrades may hold dpkg's lock for minutes.
  const options = ["-q", NO_RETRY_DELAY.option, "-o", "DPkg::Lock::Timeout=300"];
  await command("apt-get", [...options, ...args], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}
