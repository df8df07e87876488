import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Stack as AutomationStack, LocalWorkspace, type PulumiFn } from "@pulumi/pulumi/automation";
import { command } from "../../../scripts/tools/command";
import { ensurePulumi } from "../../../scripts/tools/pulumi";
import { root } from "../../root";

const PROJECT = "e2e";

/** What a run of the CLI printed, and whether it ended well. */
export interface Run {
  readonly ok: boolean;
  readonly text: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** How many resources each operation met: `{ create: 2, same: 1 }`. */
  readonly changes: Readonly<Record<string, number>>;
}

interface Told {
  readonly outputs?: Record<string, { readonly value: unknown }>;
  readonly summary?: { readonly resourceChanges?: Partial<Record<string, number>> };
  readonly changeSummary?: Partial<Record<string, number>>;
}

/** A stack with a file backend of its own, run by the real CLI; programs are given inline. */
export class Stack {
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
    const all = {
      PULUMI_BACKEND_URL: `file://${directory}`,
      PULUMI_CONFIG_PASSPHRASE: "e2e",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_HOME: join(directory, "home"),
      ...environment,
    };
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: PROJECT, program: async () => undefined },
      {
        workDir: directory,
        envVars: all,
        projectSettings: { name: PROJECT, runtime: "nodejs" },
      },
    );
    readFromBackend(stack, join(directory, ".pulumi"));
    return new Stack(stack, directory, all);
  }

  up(
    program: PulumiFn,
    options: { targetReplace?: string[]; target?: string[]; replace?: string[]; continueOnError?: boolean } = {},
  ): Promise<Run> {
    return this.tell((onOutput) => this.stack.up({ ...options, program, onOutput, color: "never" }));
  }

  preview(program: PulumiFn, options: { diff?: boolean } = {}): Promise<Run> {
    return this.tell((onOutput) => this.stack.preview({ ...options, program, onOutput, color: "never" }));
  }

  /** Without the program, as `pulumi refresh` does by default. */
  refresh(): Promise<Run> {
    return this.tell((onOutput) => this.stack.refresh({ onOutput, color: "never" }));
  }

  destroy(): Promise<Run> {
    return this.tell((onOutput) => this.stack.destroy({ onOutput, color: "never" }));
  }

  /** Any other command of the CLI, on this stack; throws with its output where it fails. */
  cli(...args: string[]): Promise<string> {
    const env = { ...process.env, ...this.environment, PULUMI_STACK: this.stack.name };
    return command("pulumi", [...args, "--non-interactive"], { cwd: this.directory, env });
  }

  async rename(name: string): Promise<void> {
    await this.stack.rename({ stackName: name });
  }

  /** Where the state is, for another stack beside this one. */
  get backend(): string {
    return `file://${this.directory}`;
  }

  /** The stack's state as `pulumi stack export` writes it. */
  export(): Promise<string> {
    return this.cli("stack", "export");
  }

  /** Removes what the stack left on this machine. */
  async dispose(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private async tell(work: (onOutput: (text: string) => void) => Promise<Told>): Promise<Run> {
    let text = "";
    const onOutput = (piece: string) => {
      text += piece;
    };
    try {
      const told = await work(onOutput);
      const outputs = Object.fromEntries(Object.entries(told.outputs ?? {}).map(([key, { value }]) => [key, value]));
      const changes = told.summary?.resourceChanges ?? told.changeSummary ?? {};
      return { ok: true, text, outputs, changes: definedOnly(changes) };
    } catch (error) {
      return {
        ok: false,
        text: `${text}\n${error instanceof Error ? error.message : error}`,
        outputs: {},
        changes: {},
      };
    }
  }
}

/** Has the outputs and the summary of a run read where the file backend keeps them: three runs of the CLI less for each. */
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
