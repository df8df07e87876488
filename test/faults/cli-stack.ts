import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { transformFile } from "@swc/core";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { pulumiEnvironment } from "../../scripts/tools/pulumi-environment";
import { root } from "../support/root";
import { withoutClosures } from "../support/without-closures";
import { CliRun, endProcesses, processes } from "./cli-run";

/** What a project runs. */
export interface ProjectSource {
  /** The project's name. */
  readonly name: string;
  /** A directory of TypeScript files, without folders. `run.ts` exports `run`, which gets the program's data as text. */
  readonly programs: string;
}

/** The variable with the data of the program that a run runs. */
const VARIABLE = "SOURCE_PROGRAM";

/** A project whose programs are data, each run in processes of its own, and the state of its one stack. */
export class CliStack {
  private constructor(
    readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async create({ name, programs }: ProjectSource): Promise<CliStack> {
    const { bin } = await ensurePulumi(() => undefined);
    const directory = await mkdtemp(join(tmpdir(), `pulumi-nspawn-${name}-`));
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    const options = "  options:\n    typescript: false\n";
    await writeFile(join(directory, "Pulumi.yaml"), `name: ${name}\nruntime:\n  name: nodejs\n${options}`);
    await writeFile(join(directory, "package.json"), "{}\n");
    await compile(programs, join(directory, "programs"));
    await writeFile(join(directory, "index.js"), `require("./programs/run").run(process.env.${VARIABLE});\n`);
    const stack = new CliStack(directory, {
      ...process.env,
      PATH: [bin, process.env.PATH].join(delimiter),
      ...pulumiEnvironment(directory),
      NO_COLOR: "1",
      ...withoutClosures,
    });
    await stack.empty();
    return stack;
  }

  /** Forgets everything, as if the stack were new. */
  async empty(): Promise<void> {
    await this.clear();
    await this.run(["stack", "init", "dev"]);
  }

  /** A copy of its state. */
  async save(to: string): Promise<void> {
    await rm(to, { recursive: true, force: true });
    await cp(join(this.directory, ".pulumi"), to, { recursive: true });
  }

  async restore(from: string): Promise<void> {
    await this.clear();
    await cp(from, join(this.directory, ".pulumi"), { recursive: true });
  }

  /** Starts a command of the CLI with this data for the program. */
  start(args: readonly string[], program: unknown): CliRun {
    const env = { ...this.environment, [VARIABLE]: JSON.stringify(program) };
    return CliRun.start([...args, "--stack", "dev"], this.directory, env);
  }

  /** What a user does after the CLI was killed, since its lock on the stack stays. */
  async cancel(): Promise<void> {
    await this.run(["cancel", "--yes", "dev"]);
  }

  /** Processes of programs and providers that are still there although no run is. Pulumi's own language host stays. */
  leftProcesses(): Promise<number[]> {
    return processes(this.directory, "node_modules");
  }

  endProcesses(): Promise<void> {
    return endProcesses(this.directory);
  }

  async dispose(): Promise<void> {
    await this.endProcesses();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async run(args: readonly string[]): Promise<void> {
    const ended = await CliRun.start(args, this.directory, this.environment).ended(60_000);
    if (!ended.ok) throw new Error(`pulumi ${args.join(" ")} failed:\n${ended.text}`);
  }

  private async clear(): Promise<void> {
    await this.endProcesses();
    await rm(join(this.directory, ".pulumi"), { recursive: true, force: true });
  }
}

/** A run of the CLI loads the programs again each time: compiled once, they cost it next to nothing. */
async function compile(source: string, directory: string): Promise<void> {
  await mkdir(directory);
  for (const name of await readdir(source)) {
    const { code } = await transformFile(join(source, name), {
      module: { type: "commonjs" },
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    });
    await writeFile(join(directory, name.replace(/ts$/, "js")), code);
  }
}
