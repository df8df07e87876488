import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ran } from "./run-sequence";
import type { Sequence, Step } from "./step";

/** One step in the results. What commands printed is kept only if something is wrong. */
interface StepResult extends Ran {
  readonly step: Step;
}

/** What a run leaves below its directory. */
export class Results {
  private readonly steps: StepResult[] = [];

  private constructor(
    private readonly prefix: string,
    private readonly hosts: number,
  ) {}

  /** `name` is the end of the names of its files. */
  static async in(directory: string, name: string, hosts: number): Promise<Results> {
    await mkdir(directory, { recursive: true });
    const time = new Date().toISOString().replaceAll(":", "-");
    return new Results(join(directory, `${time}-${name}`), hosts);
  }

  get file(): string {
    return `${this.prefix}.json`;
  }

  async add(step: Step, ran: Ran): Promise<void> {
    const commands = ran.problems.length > 0 ? ran.commands : ran.commands.map((command) => ({ ...command, text: "" }));
    this.steps.push({ ...ran, commands, step });
    await writeFile(this.file, `${JSON.stringify({ hosts: this.hosts, steps: this.steps }, undefined, 1)}\n`);
  }

  /** Writes a sequence for `--replay`, and returns its file. */
  async keep(sequence: Sequence, name: string): Promise<string> {
    const file = `${this.prefix}-${name}.json`;
    await writeFile(file, `${JSON.stringify(sequence)}\n`);
    return file;
  }
}
