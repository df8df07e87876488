import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Stack as AutomationStack, LocalWorkspace, type PulumiFn } from "@pulumi/pulumi/automation";
import { command, tryCommand } from "../../scripts/tools/command";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { pulumiEnvironment } from "../../scripts/tools/pulumi-environment";
import { EngineConnections } from "./engine-connections";
import { keyKeeper } from "./key-keeper";
import { lackOfRoom } from "./room";
import { root } from "./root";
import { failedRun, type Run } from "./run";
import { withoutClosures } from "./without-closures";

const PROJECT = "e2e";

interface Told {
  readonly outputs?: Record<string, { readonly value: unknown }>;
  readonly summary?: { readonly resourceChanges?: Partial<Record<string, number>> };
  readonly changeSummary?: Partial<Record<string, number>>;
}

/** What every run gets: where its output goes, and what ends it. */
interface Follower {
  readonly onOutput: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A stack with its own file backend, run by the real CLI; programs are given inline. */
export class Stack {
  /** Unfinished runs, with their output so far. */
  private readonly unfinished = new Set<{ text: string; readonly end: AbortController }>();

  private constructor(
    private readonly stack: AutomationStack,
    readonly directory: string,
    readonly environment: Record<string, string>,
  ) {}

  static async create(name: string, environment: Record<string, string> = {}): Promise<Stack> {
    const { bin } = await ensurePulumi(() => undefined);
    if (!process.env.PATH?.split(delimiter).includes(bin)) process.env.PATH = [bin, process.env.PATH].join(delimiter);
    const directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-e2e-"));
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    const keeper = await keyKeeper();
    const all = { ...pulumiEnvironment(directory), ...keeper.environment, ...withoutClosures, ...environment };
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: PROJECT, program: async () => undefined },
      {
        workDir: directory,
        envVars: all,
        secretsProvider: keeper.secretsProvider,
        projectSettings: { name: PROJECT, runtime: "nodejs" },
      },
    );
    const backend = environment.PULUMI_BACKEND_URL ?? pathToFileURL(directory).href;
    readFromBackend(stack, join(fileURLToPath(backend), ".pulumi"));
    return new Stack(stack, directory, all);
  }

  up(
    program: PulumiFn,
    options: {
      targetReplace?: string[];
      target?: string[];
      replace?: string[];
      continueOnError?: boolean;
      logVerbosity?: number;
    } = {},
  ): Promise<Run> {
    return this.executeProgram(program, (run) => this.stack.up({ ...options, ...run, color: "never" }));
  }

  preview(program: PulumiFn, options: { diff?: boolean } = {}): Promise<Run> {
    return this.executeProgram(program, (run) => this.stack.preview({ ...options, ...run, color: "never" }));
  }

  /** Without the program, as `pulumi refresh` does by default. */
  refresh(): Promise<Run> {
    return this.execute((run) => this.stack.refresh({ ...run, color: "never" }));
  }

  destroy(): Promise<Run> {
    return this.execute((run) => this.stack.destroy({ ...run, color: "never" }));
  }

  /** Any other command of the CLI, on this stack; throws with its output if it fails. */
  cli(...args: string[]): Promise<string> {
    const env = { ...process.env, ...this.environment, PULUMI_STACK: this.stack.name };
    return command("pulumi", [...args, "--non-interactive"], { cwd: this.directory, env });
  }

  async rename(name: string): Promise<void> {
    await this.stack.rename({ stackName: name });
  }

  /** Where the state is, for another stack in the same backend. */
  get backend(): string {
    return `file://${this.directory}`;
  }

  /** The stack's state as `pulumi stack export` writes it. */
  export(): Promise<string> {
    return this.cli("stack", "export");
  }

  /**
   * Removes what the stack left on this machine. A run that a test gave up is ended, and what may show why it hangs is
   * printed: its output, and all processes, including those of the test hosts.
   */
  async dispose(): Promise<void> {
    for (const { text, end } of this.unfinished) {
      const { stdout } = await tryCommand("ps", ["-ww", "--forest", "-eo", "pid,etimes,stat,wchan:20,args"]);
      console.error(`a run was not finished:\n${text}\n${stdout}`);
      end.abort();
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  private async executeProgram(
    program: PulumiFn,
    work: (run: Follower & { readonly program: PulumiFn }) => Promise<Told>,
  ) {
    const connections = new EngineConnections();
    try {
      return await this.execute((run) => work({ ...run, program: connections.of(program) }));
    } finally {
      connections.close();
    }
  }

  private async execute(work: (run: Follower) => Promise<Told>): Promise<Run> {
    const run = { text: "", end: new AbortController() };
    this.unfinished.add(run);
    const onOutput = (piece: string) => {
      run.text += piece;
    };
    try {
      const result = await work({ onOutput, signal: run.end.signal });
      const outputs = Object.fromEntries(Object.entries(result.outputs ?? {}).map(([key, { value }]) => [key, value]));
      const changes = result.summary?.resourceChanges ?? result.changeSummary ?? {};
      return { ok: true, text: run.text, outputs, changes: definedOnly(changes) };
    } catch (error) {
      const said = [run.text, error instanceof Error ? error.message : error, await lackOfRoom(this.directory)];
      return failedRun(said.filter((text) => text !== undefined).join("\n"));
    } finally {
      this.unfinished.delete(run);
    }
  }
}

/**
 * Reads the outputs and the summary of a run directly from the file backend, which saves three runs of the CLI each
 * time.
 */
function readFromBackend(stack: AutomationStack, backend: string): void {
  const read = async (...path: string[]) => JSON.parse(await readFile(join(backend, ...path), "utf8"));
  stack.outputs = async () => {
    const { checkpoint } = await read("stacks", PROJECT, `${stack.name}.json`);
    const outputs: Record<string, unknown> = checkpoint.latest?.resources?.[0]?.outputs ?? {};
    return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, { value, secret: false }]));
  };
  stack.info = async () => {
    const directory = join("history", PROJECT, stack.name);
    const names = await readdir(join(backend, directory));
    const newest = names
      .filter((name) => name.endsWith(".history.json"))
      .sort()
      .at(-1);
    return newest === undefined ? undefined : read(directory, newest);
  };
}

function definedOnly(changes: Partial<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(changes).flatMap(([key, count]) => (count === undefined ? [] : [[key, count]])),
  );
}
