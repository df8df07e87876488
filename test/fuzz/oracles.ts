import type { CommandResult } from "../../scripts/tools/command";
import { tryCommand } from "../../scripts/tools/command";
import type { TestHost } from "../support/hosts";
import { TinyMachine } from "../support/tiny-machine";
import { NoOracle } from "./no-oracle";

/** A disposable host, and a machine on it that reports what it was started with. */
export interface HostOracle {
  readonly host: TestHost;
  readonly tiny: TinyMachine;
  /** Of its systemd. */
  readonly version: number;
}

/** The programs that judge. */
export interface Oracles {
  /** Runs a program of this machine. */
  readonly here: (argv: readonly string[], input?: string) => Promise<CommandResult>;
  readonly host: () => Promise<HostOracle>;
}

/** The environment of what runs here: nothing of the person's who runs it. */
const ENVIRONMENT = { PATH: process.env.PATH, LC_ALL: "C.UTF-8", HOME: "/nonexistent" };

export async function runHere([program = "", ...args]: readonly string[], input = ""): Promise<CommandResult> {
  const result = await tryCommand(program, args, { input, env: ENVIRONMENT, cwd: "/" });
  if (result.exitCode === 127 && result.stderr.endsWith(": not found")) {
    throw new NoOracle(`${program} is not in PATH`);
  }
  return result;
}

/** A host and its machine, from a host that is up. */
export async function hostOracle(host: TestHost): Promise<HostOracle> {
  const version = Number(await host.sh("systemctl --version | sed -n '1s/systemd ([0-9]*).*/\x01/p'"));
  return { host, tiny: await TinyMachine.create(host, "tiny"), version };
}

/** Runs a script of any length on a host, as its root. */
export async function runThere({ host }: HostOracle, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.exec("exec sh -eu", { input: script });
  if (exitCode !== 0)
    throw new Error(`the script of the oracle ended with exit status ${exitCode}:\n${stderr.slice(-2000)}`);
  return stdout;
}
