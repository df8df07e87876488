import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type CommandResult, command, tryCommand } from "../../scripts/tools/command";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { pulumiEnvironment } from "../../scripts/tools/pulumi-environment";
import type { TestHost } from "./hosts";
import { keyKeeper } from "./key-keeper";
import { root } from "./root";
import { putSshInto } from "./ssh/wrapper";

/** A host with the name that a program uses for it, and the user who logs in if the program names none. */
export interface Alias {
  readonly name: string;
  readonly host: TestHost;
  readonly user?: string;
  /** Where it is reached. @default its own address and port */
  readonly through?: { readonly address: string; readonly port: number };
}

/**
 * A project with its own backend, in which the CLI runs as for a user whose ssh_config knows the hosts by their names.
 */
export class Project {
  private constructor(
    readonly directory: string,
    /** The user's ssh_config. */
    readonly sshConfigFile: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** A project without files. */
  static async create(aliases: readonly Alias[]): Promise<Project> {
    const { bin } = await ensurePulumi(() => undefined);
    const directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-project-"));
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    await mkdir(join(directory, ".ssh"), { mode: 0o700 });
    const programs = join(directory, ".ssh", "bin");
    const sshConfigFile = join(directory, ".ssh", "config");
    await putSshInto(programs, sshConfigFile);
    const project = new Project(directory, sshConfigFile, {
      ...process.env,
      HOME: directory,
      PATH: [bin, programs, process.env.PATH].join(delimiter),
      ...pulumiEnvironment(directory),
      ...(await keyKeeper()).environment,
      // The types are checked together with all other code.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    });
    await project.know(aliases);
    return project;
  }

  /** Makes the user's ssh_config know these hosts, and no others. */
  async know(aliases: readonly Alias[]): Promise<void> {
    await writeFile(this.sshConfigFile, aliases.map(entryOf).join(""), { mode: 0o600 });
  }

  /** A copy of an example, configured; the hosts have their own names. */
  static async ofExample(
    example: string,
    hosts: readonly TestHost[],
    config: Readonly<Record<string, string>>,
  ): Promise<Project> {
    const project = await Project.create(hosts.map((host) => ({ name: host.name, host, user: "ops" })));
    const isRoot = example === "quickstart";
    const source = join(root, "examples", example);
    await cp(join(isRoot ? root : source, "Pulumi.yaml"), join(project.directory, "Pulumi.yaml"));
    await cp(source, join(project.directory, isRoot ? "examples/quickstart" : ""), { recursive: true });
    await project.pulumi("stack", "init", "dev", "--secrets-provider", (await keyKeeper()).secretsProvider);
    const settings = Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    await project.pulumi("config", "set-all", ...settings);
    return project;
  }

  /** Runs a command of the CLI; throws with its output if it fails. */
  pulumi(...args: string[]): Promise<string> {
    return command("pulumi", [...args, "--non-interactive"], { cwd: this.directory, env: this.env });
  }

  /** The same for a command that may fail. */
  tryPulumi(...args: string[]): Promise<CommandResult> {
    return tryCommand("pulumi", [...args, "--non-interactive"], { cwd: this.directory, env: this.env });
  }

  /** Runs a line of shell as the user types it. */
  shell(line: string): Promise<string> {
    return command("sh", ["-c", line], { cwd: this.directory, env: this.env });
  }

  async dispose(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

function entryOf({ name, host, user, through }: Alias): string {
  const lines = [
    `Host ${name}`,
    `  HostName ${through?.address ?? host.address}`,
    ...(through === undefined ? [] : [`  Port ${through.port}`, `  HostKeyAlias ${host.address}`]),
    ...(user === undefined ? [] : [`  User ${user}`]),
    `  IdentityFile ${host.privateKeyPath}`,
    `  UserKnownHostsFile ${host.knownHostsFile}`,
  ];
  return `${lines.join("\n")}\n`;
}
