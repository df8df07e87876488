import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

/** How a run of the CLI ended. */
export interface Ended {
  readonly ok: boolean;
  readonly text: string;
  readonly seconds: number;
  /** It did not end by itself in time. */
  readonly hung: boolean;
}

/** One run of the CLI, with what a user, or the kernel, may do to it. */
export class CliRun {
  private text = "";
  private readonly started = Date.now();
  private readonly exit: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (piece: Buffer) => {
        this.text += piece.toString();
      });
    this.exit = new Promise((resolve) => {
      child.once("error", () => resolve(127));
      // Not "close": a provider that outlives the CLI may hold its output open.
      child.once("exit", (code) => resolve(code));
    });
  }

  static start(args: readonly string[], directory: string, env: NodeJS.ProcessEnv): CliRun {
    // A program started from a script may ignore SIGINT, and pass that on.
    const child = spawn("env", ["--default-signal=INT,QUIT", "pulumi", ...args, "--non-interactive"], {
      cwd: directory,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    return new CliRun(child, directory);
  }

  /** Waits for its end. After the deadline it is killed, and counts as hung. */
  async ended(deadlineMs: number): Promise<Ended> {
    const timer = new AbortController();
    const late = pause(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined);
    const code = await Promise.race([this.exit, late.then(() => undefined)]);
    timer.abort();
    const hung = code === undefined;
    if (hung) {
      this.child.kill("SIGKILL");
      await this.exit;
      await endProcesses(this.directory);
    }
    await pause(50);
    return { ok: code === 0, text: this.text, seconds: (Date.now() - this.started) / 1000, hung };
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Like ^C: processes of providers are in groups of their own and do not get it. */
  interrupt(): void {
    this.child.kill("SIGINT");
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  async killProvider(): Promise<void> {
    for (const pid of await processes(this.directory, "dynamic-provider")) kill(pid);
  }
}

/** Processes whose working directory is this one, and whose command line has this text. */
export async function processes(directory: string, text = ""): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => "")) !== directory) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(text)) found.push(Number(pid));
  }
  return found;
}

export async function endProcesses(directory: string): Promise<void> {
  for (const pid of await processes(directory)) kill(pid);
  while ((await processes(directory)).length > 0) await pause(20);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
