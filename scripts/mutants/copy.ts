import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, tryCommand } from "../tools/command";
import { type Mutant, mutated } from "./mutant";

const root = join(__dirname, "..", "..");

/** A copy of the working tree to put mutants in. It shares the dependencies of the original. */
export class Copy {
  private constructor(private readonly directory: string) {}

  static async make(): Promise<Copy> {
    const copy = new Copy(await mkdtemp(join(tmpdir(), "pulumi-nspawn-mutants-")));
    const listed = await command("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: root,
    });
    const paths = listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
    for (const path of paths) await cp(join(root, path), join(copy.directory, path));
    const modules = join(copy.directory, "node_modules");
    await mkdir(modules);
    for (const entry of await readdir(join(root, "node_modules"))) {
      await symlink(join(root, "node_modules", entry), join(modules, entry));
    }
    // The package itself is among them, and here it must be the copy.
    await command("node", ["scripts/link-self.cjs"], { cwd: copy.directory });
    return copy;
  }

  /** Runs jest with mutants in place, and returns the failing test files, by their paths in the project. */
  async failing(mutants: readonly Mutant[], args: readonly string[]): Promise<string[]> {
    const texts = new Map<string, string>();
    for (const { file } of mutants) texts.set(file, await readFile(this.path(file), "utf8"));
    try {
      for (const mutant of mutants)
        await writeFile(this.path(mutant.file), mutated(texts.get(mutant.file) ?? "", mutant));
      return await this.jest(args);
    } finally {
      for (const [file, text] of texts) await writeFile(this.path(file), text);
    }
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** With --bail, jest ends before it writes a report, so its output is parsed. */
  private async jest(args: readonly string[]): Promise<string[]> {
    const options = { cwd: this.directory, env: { ...process.env, FORCE_COLOR: "0" } };
    const { exitCode, stderr } = await tryCommand(this.path("node_modules/.bin/jest"), args, options);
    const failing = [...stderr.matchAll(/^FAIL \S+ (\S+)/gm)].flatMap(([, test]) => test ?? []);
    if (exitCode !== 0 && failing.length === 0)
      throw new Error(`jest ${args.join(" ")} did not run:\n${stderr.trim()}`);
    return [...new Set(failing)];
  }

  private path(file: string): string {
    return join(this.directory, file);
  }
}
