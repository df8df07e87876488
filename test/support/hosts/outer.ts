import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { command } from "../../../scripts/tools/command";
import { lockFile, network, script, stateDirectory } from "./paths";

/** The settings that the shell scripts in this directory take from the environment. */
export async function settings(): Promise<NodeJS.ProcessEnv> {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    STATE: stateDirectory,
    LOCK: lockFile,
    CGROUPS: await cgroups(),
    BRIDGE: network.bridge,
    GATEWAY: network.gateway,
    PREFIX: network.prefix,
    TABLE: network.table,
    ...(process.env.MEASURE_FILE && { MEASURE_FILE: process.env.MEASURE_FILE }),
  };
}

/** The group of all hosts on the unified hierarchy, which may be mounted next to those of version 1. */
export async function cgroups(): Promise<string> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" "));
  const unified = mounts.find(([, , type]) => type === "cgroup2")?.[1];
  if (!unified) throw new Error("this machine has no unified cgroup hierarchy mounted");
  return `${unified}/pulumi-nspawn-hosts`;
}

export async function prepareOuter(): Promise<void> {
  await command("sh", [script("outer.sh"), "up"], { env: await settings() });
}

/** Name servers that a host can reach: a stub on the outer machine's loopback is replaced by the servers behind it. */
export async function nameServers(): Promise<string[]> {
  for (const file of ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]) {
    const text = await readFile(file, "utf8").catch(() => "");
    const servers = [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)/gm)].flatMap((match) => match[1] ?? []);
    const reachable = servers.filter((server) => !server.startsWith("127."));
    if (reachable.length > 0) return reachable;
  }
  return [];
}

/** Identifies a process that may have hosts: its PID alone could be another's by tomorrow. */
export async function ownerId(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const startTime = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return startTime && `${pid}@${startTime}`;
}

let watching: Promise<void> | undefined;

/** Has the hosts of this process removed when it ends, whether by ^C, an error or SIGKILL. */
export function watch(owner: string): Promise<void> {
  watching ??= startWatchdog(owner);
  return watching;
}

async function startWatchdog(owner: string): Promise<void> {
  const child = spawn("sh", [script("watchdog.sh"), owner], {
    env: await settings(),
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
}
