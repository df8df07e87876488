import { spawn } from "node:child_process";

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface CommandOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly result: CommandResult,
  ) {
    // Both: debootstrap, for one, reports on stdout why it gives up.
    const said = [result.stdout, result.stderr].map(ending).filter(Boolean).join("\n");
    super(`${command} ended with exit status ${result.exitCode}${said ? `:\n${said}` : ""}`);
    this.name = "CommandError";
  }
}

function ending(output: string): string {
  return output.trim().split("\n").slice(-20).join("\n");
}

/** Runs a program and returns its output, whatever its exit status. A missing program has status 127, as in a shell. */
export function tryCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      // Explicit, because jest gives tests their own environment.
      env: options.env ?? process.env,
      timeout: options.timeoutMs,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") resolve({ stdout: "", stderr: `${file}: not found`, exitCode: 127 });
      else reject(error);
    });
    child.on("close", (code, signal) => {
      if (signal) stderr.push(Buffer.from(`\nended by ${signal}`));
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        exitCode: code ?? 128,
      });
    });
    // A program that does not read its input closes the pipe: its exit status is what matters, not EPIPE.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

/** Runs a program and returns its stdout; if it fails, throws with the end of its output. */
export async function command(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryCommand(file, args, options);
  if (result.exitCode !== 0) throw new CommandError([file, ...args].join(" "), result);
  return result.stdout;
}
