import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../../../scripts/tools/cache";
import { command } from "../../../scripts/tools/command";
import { withLock } from "../../../scripts/tools/lock";
import { which } from "../../../scripts/tools/which";

/** The releases that the package is tested with: one of each Node.js line that it supports. */
const releases = { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0" } as const;

export type NodeLine = keyof typeof releases;

/** The directory of the program `node` of a line: this process's own, or one from npm. */
export async function nodeDirectory(line: NodeLine): Promise<string> {
  if (process.versions.node.startsWith(`${line}.`)) return dirname(process.execPath);
  const name = `node-${platform()}-${arch()}`;
  const directory = cacheDirectory("node", releases[line]);
  const bin = join(directory, "node_modules", name, "bin");
  await withLock(`${directory}.lock`, async () => {
    if ((await which("node", bin)) !== undefined) return;
    await command("npm", ["install", "--no-audit", "--no-fund", "--prefix", directory, `${name}@${releases[line]}`]);
  });
  return bin;
}
