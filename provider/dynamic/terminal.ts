import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** How far up the CLI may be: some versions start a shell in between. */
const GENERATIONS = 4;

/**
 * Whether the CLI among the ancestors of a process writes to a terminal. If that cannot be found out, as on macOS, which
 * has no proc(5), it counts as one.
 */
export function writesToTerminal(pid: number, proc = "/proc"): boolean {
  try {
    const cli = cliAbove(pid, proc);
    return cli === undefined || /^\/dev\/(pts\/|tty|console)/.test(readlinkSync(join(proc, `${cli}`, "fd/1")));
  } catch {
    return true;
  }
}

function cliAbove(pid: number, proc: string): number | undefined {
  for (let [at, tries] = [pid, GENERATIONS]; at > 1 && tries > 0; tries -= 1) {
    const status = readFileSync(join(proc, `${at}`, "status"), "utf8");
    if (/^Name:\tpulumi$/m.test(status)) return at;
    at = Number(/^PPid:\t(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return undefined;
}
