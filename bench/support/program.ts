import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Project } from "../../test/support/project";
import { root } from "../../test/support/root";
import { timed } from "./rounds";

export type Configuration = Readonly<Record<string, string | number | boolean>>;

/** A benchmark program as its own stack, run by the real CLI. */
export class Program {
  private constructor(readonly project: Project) {}

  static async open(name: string, configuration: Configuration): Promise<Program> {
    const project = await Project.create([]);
    await cp(join(root, "bench", "programs", name), project.directory, { recursive: true });
    await project.pulumi("stack", "init", "bench");
    const program = new Program(project);
    await program.configure(configuration);
    return program;
  }

  async configure(configuration: Configuration): Promise<void> {
    const settings = Object.entries(configuration).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    await this.project.pulumi("config", "set-all", ...settings);
  }

  /** Each of these returns how many milliseconds the CLI took. */
  up(...options: string[]): Promise<number> {
    return timed(() => this.project.pulumi("up", "--yes", "--skip-preview", ...options));
  }

  /** An up, and the processor time of all its processes, in milliseconds. */
  async upCounted(): Promise<{ readonly time: number; readonly cpu: number }> {
    let said = "";
    const time = await timed(async () => {
      // The second line of `times` is about a shell's children: minutes and seconds for the user, then for the system.
      said = await this.project.shell("pulumi up --yes --skip-preview --non-interactive >&2 && times");
    });
    const spent = [...(said.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
    const cpu = spent.reduce((sum, [, minutes, rest]) => sum + (Number(minutes) * 60 + Number(rest)) * 1000, 0);
    return { time, cpu };
  }

  preview(): Promise<number> {
    return timed(() => this.project.pulumi("preview", "--expect-no-changes"));
  }

  refresh(): Promise<number> {
    return timed(() => this.project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes"));
  }

  destroy(): Promise<number> {
    return timed(() => this.project.pulumi("destroy", "--yes", "--skip-preview"));
  }

  /**
   * Puts `count` machines into the state of a stack that has one `web0`, without creating them: what the state of each
   * would be is known.
   */
  async multiply(count: number): Promise<void> {
    const file = join(this.project.directory, "state.json");
    await this.project.pulumi("stack", "export", "--file", file);
    const { version, deployment } = JSON.parse(await readFile(file, "utf8"));
    const resources: object[] = deployment.resources;
    const one = resources.map((resource) => JSON.stringify(resource)).filter((text) => text.includes("web0"));
    const more = Array.from({ length: count - 1 }, (_, index) =>
      one.map((text) => JSON.parse(text.replaceAll("web0", `web${index + 1}`))),
    );
    const all = { ...deployment, resources: [...resources, ...more.flat()] };
    await writeFile(file, JSON.stringify({ version, deployment: all }));
    await this.project.pulumi("stack", "import", "--file", file);
    await this.configure({ count });
  }

  async dispose(): Promise<void> {
    await this.project.dispose();
  }
}
