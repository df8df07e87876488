import { readdir, readFile } from "node:fs/promises";

/**
 * Kills the process in which the provider of a stack works, as the kernel does when memory is short. Its environment
 * names the stack's directory.
 */
export async function killProvider(directory: string): Promise<void> {
  const found = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const text = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  for (const pid of found) {
    const isProvider = (await text(pid, "cmdline")).includes("dynamic-provider");
    if (isProvider && (await text(pid, "environ")).includes(directory)) process.kill(Number(pid), "SIGKILL");
  }
}
