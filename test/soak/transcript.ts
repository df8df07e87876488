import type { Ended } from "../faults/cli-run";

/** One command of the CLI in a step. */
export interface Command {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly text: string;
}

/** The commands of a step, and what is wrong with them. */
export class Transcript {
  readonly commands: Command[] = [];
  readonly problems: string[] = [];

  /** Adds a command that may fail, but not hang. */
  note(name: string, { ok, seconds, text, hung }: Ended): void {
    this.commands.push({ name, ok, seconds, text });
    if (hung) this.problems.push(`hangs: ${name}`);
  }

  /** Adds a command that must succeed. */
  must(name: string, ended: Ended, isFine = ended.ok): void {
    this.note(name, ended);
    if (!isFine) this.problems.push(`not converged: ${name}`);
  }
}
