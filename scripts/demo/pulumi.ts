import { spawn } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { constants, homedir } from "node:os";
import { delimiter, join } from "node:path";
import { quote } from "shlex";
import { cacheDirectory } from "../tools/cache";
import { pulumiEnvironment } from "../tools/pulumi-environment";
import { Display } from "./display";
import { paint } from "./steps";

/** A Pulumi CLI with its own backend, home, passphrase and configuration: nothing of the user's is touched. */
export class Pulumi {
  private constructor(
    private readonly project: string,
    private readonly bin: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * For the project at `root`. `work` is where everything is kept, `home` is the home directory of whoever runs it, and
   * `bin` the directories in front of PATH.
   */
  static async open(root: string, work: string, bin: string, home: string): Promise<Pulumi> {
    const project = join(work, "project");
    await mkdir(project);
    const text = await readFile(join(root, "Pulumi.yaml"), "utf8");
    const elsewhere = text.replace(/^main: (.*)$/m, (_, main: string) => `main: ${JSON.stringify(join(root, main))}`);
    await writeFile(join(project, "Pulumi.yaml"), elsewhere);
    await symlink(join(root, "node_modules"), join(project, "node_modules"));
    return new Pulumi(project, bin, {
      ...(home !== homedir() && { HOME: home }),
      ...pulumiEnvironment(work),
    });
  }

  /** Runs a CLI command; its output goes to the terminal, indented. */
  async run(...args: string[]): Promise<void> {
    printCommand(args);
    const display = new Display((line) => console.log(`    ${line}`));
    await this.spawn(args, (text) => display.add(text)).finally(() => display.end());
  }

  /** Runs a CLI command that has nothing to show. */
  async quietly(...args: string[]): Promise<void> {
    printCommand(args);
    await this.ask(...args);
  }

  /** Runs a CLI command, and shows its output only if it fails. */
  async ask(...args: string[]): Promise<void> {
    const chunks: string[] = [];
    await this.spawn(args, (text) => chunks.push(text)).catch((error: Error) => {
      throw new Error(`${error.message}:\n${chunks.join("")}`);
    });
  }

  /** What a user types in a shell to run a command with this CLI. */
  commandLine(...args: string[]): string {
    const variables = Object.entries(this.environment).map(([name, value]) => `${name}=${quote(value)}`);
    const words = ["pulumi", "--cwd", this.project, ...args];
    return ["env", ...variables, `PATH=${quote(this.bin)}:"$PATH"`, ...words.map((word) => quote(word))].join(" ");
  }

  private spawn(args: readonly string[], take: (text: string) => void): Promise<void> {
    const env = {
      ...process.env,
      ...this.environment,
      // The CLI's TypeScript caches its results per home directory, and each disposable host has a new one.
      TS_NODE_CACHE_DIRECTORY: cacheDirectory("demo", "typescript"),
      PATH: [this.bin, process.env.PATH].join(delimiter),
    };
    return new Promise((resolve, reject) => {
      const child = spawn("pulumi", [...args, "--non-interactive"], {
        cwd: this.project,
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", take);
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`pulumi ${args.join(" ")} ended with ${describe(code, signal)}`));
      });
    });
  }
}

function printCommand(args: readonly string[]): void {
  console.log(paint("dim", `  $ pulumi ${args.join(" ")}`));
}

function describe(code: number | null, signal: NodeJS.Signals | null): string {
  return signal ? `signal ${signal} (${constants.signals[signal]})` : `exit status ${code}`;
}
