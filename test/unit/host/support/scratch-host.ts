import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Answer, lines, parseAnswer, prelude, type Script, sh } from "../../../../provider/remote";
import { type Ended, ended } from "../../support/processes";

/** Directories of a host that its scripts write to. */
const DIRECTORIES = [
  "/etc/pulumi-nspawn",
  "/etc/systemd",
  "/run/pulumi-nspawn",
  "/var/lib/machines",
  "/var/lib/pulumi-nspawn",
];

/**
 * A directory in which scripts for a host run without root: what they write is below it, and programs that would change
 * this machine are replaced by ones that only record their calls.
 */
export class ScratchHost {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-nspawn-host-")));

  /** The programs by name, with the shell text that each of them runs, and more paths that are below the directory. */
  constructor(
    programs: Readonly<Record<string, string>>,
    private readonly more: readonly string[] = [],
  ) {
    mkdirSync(this.at("bin"));
    // No power cut threatens a test, and a disk takes longer than all else.
    symlinkSync("/bin/true", this.at("bin/sync"));
    for (const [name, text] of Object.entries(programs)) this.program(name, text);
  }

  /** Puts a program in place of one of that name. */
  program(name: string, text: string): void {
    const script = sh`#!/bin/sh
printf '%s\n' ${name}" $*" >>${this.at("calls")}
`;
    rmSync(this.at(`bin/${name}`), { force: true });
    this.write(`bin/${name}`, `${script.text}${text}\n`, 0o755);
  }

  /** Where a path of the host actually is. */
  at(path: string): string {
    return join(this.directory, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text, { mode });
  }

  /** Runs a script under `set -eu`, and returns what it answered. */
  run(script: Script): Answer[] {
    const { status, stdout, stderr } = this.ended(script);
    const answers = stdout.split("\n").flatMap((line) => parseAnswer(line) ?? []);
    if (status !== 0 && !answers.some(({ key }) => key === "refused"))
      throw new Error(`exit status ${status}: ${stderr}${stdout}`);
    return answers;
  }

  /** Runs a script under `set -eu`, and returns how it ended and what it printed. */
  ended(script: Script): Ended {
    const text = this.moved(lines([prelude, sh`PATH=${this.at("bin")}:$PATH; set -eu`, script]).text);
    return ended(["sh"], text);
  }

  /** Whether a script holds, as a condition: its functions only look, or return each failure. */
  holds(script: Script): boolean {
    const answers = this.run(sh`if
${script}
then answer holds yes; else answer holds no; fi`);
    const held = answers.find(({ key }) => key === "holds");
    if (held === undefined) throw new Error(`no end: ${JSON.stringify(answers)}`);
    return held.values[0] === "yes";
  }

  /** What a script prints, without the line breaks at the end. */
  printed(script: Script): string {
    const answers = this.run(sh`scratch_printed=$(
${script}
)
answer printed "$scratch_printed"`);
    const printed = answers.find(({ key }) => key === "printed")?.values[0];
    if (printed === undefined) throw new Error(`no end: ${JSON.stringify(answers)}`);
    return printed;
  }

  /** The calls of the programs since the last time, in their order. */
  calls(): string[] {
    const file = this.at("calls");
    const found = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    rmSync(file, { force: true });
    return found;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  /** A path below another directory, as in `$tree/etc`, is that directory's. */
  private moved(text: string): string {
    return [...DIRECTORIES, ...this.more].reduce(
      (all, path) => all.replace(new RegExp(`(?<![\\w}])${path}\\b`, "g"), () => this.at(path)),
      text,
    );
  }
}
