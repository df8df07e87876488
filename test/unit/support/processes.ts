import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quote } from "shlex";

/** How a process ended, and what it printed. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a process for each line that it reads. It waits for the process, and then writes a line with its exit status.
 * A process gets its input from a named pipe, as a script does on a host.
 */
const STARTER = `
mkfifo "$1/input" "$1/requests" "$1/statuses"
exec 3<"$1/requests" 4>"$1/statuses"
while read -r line <&3; do
  (exec 3<&- 4>&-; . "$1/request") <"$1/input" >"$1/stdout" 2>"$1/stderr"
  echo $? >&4
done
`;

/**
 * A small process that starts the processes of a test file. If Jest's worker starts them, Linux copies the page tables
 * of some 500 MB each time, which takes longer than most of the scripts.
 */
class Starter {
  private readonly directory = mkdtempSync(join(tmpdir(), "pulumi-nspawn-starter-"));
  private readonly child: ChildProcess;
  private readonly requests: number;
  private readonly statuses: number;

  constructor() {
    this.child = spawn("sh", ["-c", STARTER, "sh", this.directory], { stdio: "ignore" });
    const deadline = Date.now() + 60_000;
    const pause = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(this.at("statuses"))) {
      if (Date.now() > deadline) throw new Error("no process can be started: mkfifo made nothing");
      Atomics.wait(pause, 0, 0, 1);
    }
    this.requests = openSync(this.at("requests"), "w");
    this.statuses = openSync(this.at("statuses"), "r");
  }

  run(argv: readonly string[], input: string): Ended {
    writeFileSync(this.at("request"), `exec ${argv.map(quote).join(" ")}\n`);
    writeFileSync(this.requests, "\n");
    this.send(input);
    const status = this.status();
    return { status, stdout: this.printed("stdout"), stderr: this.printed("stderr") };
  }

  async end(): Promise<void> {
    const exit = once(this.child, "exit");
    for (const file of [this.requests, this.statuses]) closeSync(file);
    await exit;
    rmSync(this.directory, { recursive: true });
  }

  private at(name: string): string {
    return join(this.directory, name);
  }

  private send(input: string): void {
    const pipe = openSync(this.at("input"), "w");
    try {
      writeFileSync(pipe, input);
    } catch (error) {
      // A process need not read its input.
      if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
    } finally {
      closeSync(pipe);
    }
  }

  private status(): number {
    const line = Buffer.alloc(8);
    const length = readSync(this.statuses, line);
    if (length === 0) throw new Error("the process that starts others has ended");
    return Number(line.subarray(0, length).toString());
  }

  private printed(name: string): string {
    return readFileSync(this.at(name), "utf8");
  }
}

let starter: Starter | undefined;
afterAll(() => starter?.end());

/** Runs a program to its end. */
export function ended(argv: readonly string[], input = ""): Ended {
  starter ??= new Starter();
  return starter.run(argv, input);
}

/** What a program prints that must succeed. */
export function output(argv: readonly string[], input = ""): string {
  const { status, stdout, stderr } = ended(argv, input);
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}${stdout}`);
  return stdout;
}
