import { existsSync, readFileSync } from "node:fs";

const capSysAdmin = 21n;

/** Whether disposable hosts can run on this machine, and the reason if not. */
export function canRunHosts(): { ok: true } | { ok: false; reason: string } {
  const reason = findBlocker();
  return reason === undefined ? { ok: true } : { ok: false, reason };
}

function findBlocker(): string | undefined {
  if (process.platform !== "linux") return `disposable hosts need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "disposable hosts need root on this machine";
  if (!existsSync("/usr/bin/dpkg-query"))
    return "disposable hosts are built with Debian's tools, and this machine has no dpkg";
  // Root in an unprivileged container may not mount anything.
  const capabilities = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  if (((BigInt(`0x${capabilities}`) >> capSysAdmin) & 1n) === 0n)
    return "disposable hosts need the capability to mount (CAP_SYS_ADMIN)";
  if (!/^\S+ \S+ cgroup2 /m.test(readFileSync("/proc/self/mounts", "utf8")))
    return "disposable hosts need the unified cgroup hierarchy";
  return undefined;
}
