import { readdir, readFile, readlink } from "node:fs/promises";
import { command, tryCommand } from "../../../scripts/tools/command";
import { cgroups } from "./outer";
import { hostDirectory, network } from "./paths";

/** Everything that can be seen of a host on the outer machine: nothing of it may be left when it is down. */
export async function traces(name: string, slot: number): Promise<string[]> {
  const found = await Promise.all([
    directory(name),
    group(name),
    link(slot),
    loopDevices(name),
    mounts(name),
    processes(name),
  ]);
  return found.flat();
}

/** Everything that hosts share on the outer machine: nothing of it may be left when the last one is down. */
export async function sharedTraces(): Promise<string[]> {
  const bridge = await tryCommand("ip", ["-oneline", "link", "show", network.bridge]);
  const tables = await command("nft", ["list", "tables"]);
  const table = tables.split("\n").filter((line) => line.endsWith(` ${network.table}`));
  return [...bridge.stdout.split("\n"), ...table].filter(Boolean);
}

async function directory(name: string): Promise<string[]> {
  const entries = await readdir(hostDirectory(name)).catch(() => []);
  return entries.map((entry) => `file ${entry}`);
}

async function group(name: string): Promise<string[]> {
  const entries = await readdir(`${await cgroups()}/${name}`).catch(() => []);
  return entries.length > 0 ? [`cgroup ${name}`] : [];
}

async function link(slot: number): Promise<string[]> {
  const { stdout } = await tryCommand("ip", ["-oneline", "link", "show", network.veth(slot)]);
  return stdout ? [`link ${network.veth(slot)}`] : [];
}

async function loopDevices(name: string): Promise<string[]> {
  const devices = (await command("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-FILE"])).split("\n");
  return devices.filter((line) => line.includes(`${hostDirectory(name)}/`)).map((line) => `loop ${line}`);
}

async function mounts(name: string): Promise<string[]> {
  const lines = (await readFile("/proc/self/mountinfo", "utf8")).split("\n");
  return lines.filter((line) => line.includes(`${hostDirectory(name)}/`)).map((line) => `mount ${line}`);
}

/** Also finds a process that left the host's cgroup, by its root directory. A zombie holds nothing. */
async function processes(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const root = await readlink(`/proc/${pid}/root`).catch(() => "");
    if (/\) Z /.test(stat)) continue;
    if (cgroup.includes(`/pulumi-nspawn-hosts/${name}/`) || root.startsWith(`${hostDirectory(name)}/`))
      found.push(`process ${pid}`);
  }
  return found;
}
