import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { paint } from "./steps";

/** A Pulumi CLI with a backend, a home and a passphrase of its own: nothing of the user's is touched. */
export class Pulumi {
  private constructor(
    private readonly directory: string,
    private readonly configFile: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async open(directory: string, work: string, bin: string, home: string): Promise<Pulumi> {
    const backend = join(work, "state");
    await mkdir(backend, { recursive: true });
    return new Pulumi(directory, join(work, "Pulumi.demo.yaml"), {
      ...process.env,
      HOME: home,
      PATH: [bin, process.env.PATH].join(delimiter),
      PULUMI_HOME: join(work, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "demo",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  }

  /** Runs a command of the CLI; its output goes to the terminal, indented. */
  async run(...args: string[]): Promise<void> {
    console.log(paint("dim", `  $ pulumi ${args.join(" ")}`));
    await run("pulumi", this.complete(args), this.directory, this.environment, true);
  }

  /** Runs a command of the CLI and returns its output. */
  ask(...args: string[]): Promise<string> {
    return run("pulumi", this.complete(args), this.directory, this.environment, false);
  }

  /** The configuration is kept outside the clone, too. */
  private complete(args: readonly string[]): string[] {
    const more = args[0] === "stack" ? [] : ["--config-file", this.configFile];
    return [...args, ...more, "--non-interactive"];
  }
}

function run(file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv, show: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: string[] = [];
    let line = "";
    const take = (chunk: Buffer) => {
      chunks.push(chunk.toString());
      if (!show) return;
      const pieces = (line + chunk.toString()).split("\n");
      line = pieces.pop() ?? "";
      for (const piece of pieces) if (piece.trim() !== "") console.log(`    ${piece}`);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(chunks.join(""));
      else
        reject(
          new Error(
            `${file} ${args.join(" ")} ended with ${describe(code, signal)}${show ? "" : `:\n${chunks.join("")}`}`,
          ),
        );
    });
  });
}

function describe(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `signal ${signal} (${constants.signals[signal]})` : `exit status ${code}`;
}
