import { readdir, readFile } from "node:fs/promises";
import { setInterval } from "node:timers/promises";

const EVERY_MS = 100;

/** Runs something, and returns the peak resident memory, in MiB, of a project's provider process meanwhile. */
export async function withProviderMemory<T>(
  directory: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly memory: number }> {
  let most = 0;
  const end = new AbortController();
  const watching = (async () => {
    for await (const _ of setInterval(EVERY_MS, undefined, { signal: end.signal })) {
      most = Math.max(most, await peak(directory));
    }
  })().catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  try {
    const result = await work();
    return { result, memory: most / 1024 };
  } finally {
    end.abort();
    await watching;
  }
}

/** In KiB. The kernel itself records the peak of a process. */
async function peak(directory: string): Promise<number> {
  let most = 0;
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    if (!(await read("cmdline")).includes("dynamic-provider")) continue;
    if (!(await read("environ")).includes(`PULUMI_HOME=${directory}/`)) continue;
    most = Math.max(most, Number(/^VmHWM:\s+(\d+) kB$/m.exec(await read("status"))?.[1] ?? 0));
  }
  return most;
}
