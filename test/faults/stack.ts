import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { transformFile } from "@swc/core";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { pulumiEnvironment } from "../../scripts/tools/pulumi-environment";
import { root } from "../support/root";
import { withoutClosures } from "../support/without-closures";
import { CliRun, type Ended, endProcesses, processes } from "./cli-run";
import type { Program, Setting, Version } from "./programs/program";

/** More than any timeout of the programs, and what a connection and the engine add to it. */
export const DEADLINE_MS = 300_000;

const PROJECT = "name: faults\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n";

/** A project that runs any of the programs, each time in processes of its own, and its state. */
export class FaultStack {
  private constructor(
    readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv,
    readonly setting: Setting,
  ) {}

  static async create(setting: Setting): Promise<FaultStack> {
    const { bin } = await ensurePulumi(() => undefined);
    const directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-faults-"));
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    await writeFile(join(directory, "Pulumi.yaml"), PROJECT);
    await writeFile(join(directory, "package.json"), "{}\n");
    await compilePrograms(join(directory, "programs"));
    await writeFile(join(directory, "index.js"), 'require("./programs/run").run(process.env.FAULTS_PROGRAM);\n');
    const stack = new FaultStack(
      directory,
      {
        ...process.env,
        PATH: [bin, process.env.PATH].join(delimiter),
        ...pulumiEnvironment(directory),
        NO_COLOR: "1",
        ...withoutClosures,
      },
      setting,
    );
    await stack.empty();
    return stack;
  }

  /** Forgets everything, as if the stack were new. */
  async empty(): Promise<void> {
    await this.clear();
    await this.run(["stack", "init", "dev"], undefined);
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

  start(args: readonly string[], program: Program, version: Version): CliRun {
    const env = {
      ...this.environment,
      FAULTS_PROGRAM: JSON.stringify({ program: program.name, version, setting: this.setting }),
    };
    // One resource at a time: then the steps of a run have the same order each time.
    return CliRun.start([...args, "--parallel", "1", "--stack", "dev"], this.directory, env);
  }

  async up(program: Program, version: Version, ...more: string[]): Promise<Ended> {
    return this.start(["up", "--yes", "--skip-preview", ...more], program, version).ended(DEADLINE_MS);
  }

  async refresh(program: Program, version: Version, ...more: string[]): Promise<Ended> {
    return this.start(["refresh", "--yes", "--skip-preview", ...more], program, version).ended(DEADLINE_MS);
  }

  async destroy(program: Program, version: Version): Promise<Ended> {
    return this.start(["destroy", "--yes", "--skip-preview"], program, version).ended(DEADLINE_MS);
  }

  /** What a user does after the CLI was killed, since its lock on the stack stays. */
  async cancel(): Promise<void> {
    await this.run(["cancel", "--yes", "dev"], undefined);
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

  private async run(args: readonly string[], program: string | undefined): Promise<void> {
    const env = { ...this.environment, ...(program !== undefined && { FAULTS_PROGRAM: program }) };
    const ended = await CliRun.start(args, this.directory, env).ended(60_000);
    if (!ended.ok) throw new Error(`pulumi ${args.join(" ")} failed:\n${ended.text}`);
  }

  private async clear(): Promise<void> {
    await this.endProcesses();
    await rm(join(this.directory, ".pulumi"), { recursive: true, force: true });
  }
}

/** A run of the CLI loads the programs again each time: compiled once, they cost it next to nothing. */
async function compilePrograms(directory: string): Promise<void> {
  await mkdir(directory);
  const source = join(__dirname, "programs");
  for (const name of await readdir(source)) {
    const { code } = await transformFile(join(source, name), {
      module: { type: "commonjs" },
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    });
    await writeFile(join(directory, name.replace(/ts$/, "js")), code);
  }
}
