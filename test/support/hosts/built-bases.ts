import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CACHE } from "../../../provider/host/roots/cache";
import { type Script, sh } from "../../../provider/remote";
import { command } from "../../../scripts/tools/command";
import type { TestHost } from ".";

/** `DebianRootfs` uses no older base by default. */
const DAYS = 7;

/**
 * The bases of roots that hosts built. Each host is new and would build the same one again, so they are kept here and
 * put into the next host's own cache, in one of the forms that they have there: `KEY.tar`, `KEY.built`, and `KEY.json`,
 * whose presence counts.
 */
export class BuiltBases {
  constructor(readonly directory: string) {}

  /** Puts the usable ones into a host's cache; returns how many. */
  async bring(host: TestHost): Promise<number> {
    const keys = await this.usable();
    const unpack = sh`mkdir -p -m 0700 -- ${CACHE} && tar -C ${CACHE} -x`;
    for (const key of keys) {
      const pack = 'tar -C "$1" -c "$2.tar" "$2.built" "$2.json" | ssh -F "$3" "$4" "$5"';
      await shell(pack, this.directory, key, ...at(host), unpack.text);
    }
    return keys.length;
  }

  /** Takes those that a host has built since; returns how many. */
  async take(host: TestHost): Promise<number> {
    const found = await host.sh(`cd ${CACHE} && stat -c '%n %Y' -- *.built`);
    let taken = 0;
    for (const [, key = "", built = ""] of found.matchAll(/^([0-9a-f]+)\.built (\d+)$/gm)) {
      if ((await this.builtSeconds(key)) === Number(built)) continue;
      await this.takeOne(host, key);
      taken += 1;
    }
    return taken;
  }

  private async takeOne(host: TestHost, key: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const tree = sh`cd ${CACHE} && if [ -f ${key}.tar ]; then cat ${key}.tar; else tar --xattrs --xattrs-include='*' --numeric-owner -C ${key} -c .; fi`;
    const file = join(this.directory, `.new-${process.pid}-${host.name}`);
    await shell('ssh -F "$2" "$3" "$4" >"$1"', file, ...at(host), tree.text);
    await rename(file, join(this.directory, `${key}.tar`));
    const rest: Script = sh`tar -C ${CACHE} -c ${key}.built ${key}.json`;
    await shell('ssh -F "$2" "$3" "$4" | tar -C "$1" -x', this.directory, ...at(host), rest.text);
  }

  private async usable(): Promise<string[]> {
    const names = await readdir(this.directory).catch(() => []);
    const keys = names.flatMap((name) => /^([0-9a-f]+)\.json$/.exec(name)?.[1] ?? []);
    const usable: string[] = [];
    for (const key of keys) {
      const age = Date.now() / 1000 - ((await this.builtSeconds(key)) ?? 0);
      if (age < DAYS * 86_400) usable.push(key);
      else for (const end of ["json", "built", "tar"]) await rm(join(this.directory, `${key}.${end}`), { force: true });
    }
    return usable;
  }

  private async builtSeconds(key: string): Promise<number | undefined> {
    const found = await stat(join(this.directory, `${key}.built`)).catch(() => undefined);
    return found && Math.floor(found.mtimeMs / 1000);
  }
}

function at(host: TestHost): [string, string] {
  return [host.sshConfigFile, host.name];
}

function shell(text: string, ...args: string[]): Promise<string> {
  return command("sh", ["-c", text, "sh", ...args]);
}
