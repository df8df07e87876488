import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Answer, lines, parseAnswer, prelude, type Script, sh } from "../../../../provider/remote";

/** Directories of a host that its scripts write to. */
const DIRECTORIES = [
  "/etc/pulumi-nspawn",
  "/etc/systemd",
  "/run/pulumi-nspawn",
  "/var/lib/machines",
  "/var/lib/pulumi-nspawn",
];

/**
 * A directory in which scripts for a host are run, without root: what they write is below it, and programs that would change this machine
 * are replaced by ones that only note their calls.
 */
export class ScratchHost {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-nspawn-host-")));

  /**
   * The programs by their names, with the shell text that each of them runs, and more paths of the host that scripts
   * shall not reach.
   */
  constructor(
    programs: Readonly<Record<string, string>>,
    private readonly more: readonly string[] = [],
  ) {
    for (const [name, text] of Object.entries(programs)) {
      const script = sh`#!/bin/sh
printf '%s\n' ${name}" $*" >>${this.at("calls")}
`;
      this.write(`bin/${name}`, `${script.text}${text}\n`, 0o755);
    }
  }

  /** Where a path of the host is in fact. */
  at(path: string): string {
    return join(this.directory, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text, { mode });
  }

  /** Runs a script under `set -eu`, and returns what it answered. */
  run(script: Script): Answer[] {
    const text = this.moved(lines([prelude, sh`PATH=${this.at("bin")}:$PATH; set -eu`, script]).text);
    const { status, stdout, stderr } = spawnSync("sh", { input: text, encoding: "utf8" });
    const answers = stdout.split("\n").flatMap((line) => parseAnswer(line) ?? []);
    if (status !== 0 && answers.at(-1)?.key !== "refused") throw new Error(`exit status ${status}: ${stderr}${stdout}`);
    return answers;
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
      (all, path) => all.replace(new RegExp(`(?<![\\w}])${path}`, "g"), () => this.at(path)),
      text,
    );
  }
}
