import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { quote } from "shlex";
import { DialFailure } from "../errors/dial-failure";
import { detailOf, messageOf } from "../errors/unknown-error";

/** Long enough for a command of `Match exec` that asks the network, and for the name servers of CanonicalizeHostname. */
const PATIENCE_SECONDS = 30;
/** How long an ssh that has ended may be followed by output: what it left running can hold its pipes open for ever. */
const LAST_WORDS_MILLISECONDS = 5000;
/** More than any ssh prints, in characters. What `Match exec` runs can print without end. */
const MOST_PRINTED = 1 << 20;
const MOST_SAID = 8192;

/**
 * What `ssh -G` prints for these arguments; `undefined` if there is no ssh on this machine.
 *
 * @throws DialFailure if it fails or takes too long.
 */
export async function sshG(args: readonly string[], seconds = PATIENCE_SECONDS): Promise<string | undefined> {
  // -T: without a terminal, -G alone complains. A process group: what `Match exec` runs is ended together with ssh.
  const child = spawn("ssh", ["-T", "-G", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    // Node's default; named, because tests change a copy of it.
    env: process.env,
  });
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    printed = (printed + piece).slice(0, MOST_PRINTED);
  });
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    said = (said + piece).slice(-MOST_SAID);
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  try {
    await once(child, "exit", { signal: AbortSignal.timeout(seconds * 1000) });
    await Promise.race([closed, wait(LAST_WORDS_MILLISECONDS, undefined, { ref: false })]);
    if (child.exitCode === 0) return printed;
  } catch (error) {
    if (detailOf(error, "code") === "ENOENT") return undefined;
    if (detailOf(error, "code") !== "ABORT_ERR") throw failure(args, `cannot be run (${messageOf(error)})`, said);
    killGroup(child.pid);
    throw tooSlow(args, seconds, said);
  } finally {
    child.stdout.destroy();
    child.stderr.destroy();
  }
  throw failure(args, `ended with ${child.signalCode ?? `exit status ${child.exitCode}`}`, said);
}

/** `ssh -G …` as a user types it. */
export function commandLine(args: readonly string[]): string {
  return ["ssh", "-G", ...args].map((word) => quote(word)).join(" ");
}

function failure(args: readonly string[], what: string, said: string): DialFailure {
  return new DialFailure("configuration", {
    happened: `ssh_config cannot be read: \`${commandLine(args)}\` ${what}`,
    advice: 'Correct what ssh reports here. With `sshConfigFile: "none"` in the connection, no ssh_config is read.',
    details: printable(said),
  });
}

function tooSlow(args: readonly string[], seconds: number, said: string): DialFailure {
  return new DialFailure("configuration", {
    happened: `ssh_config cannot be read: \`${commandLine(args)}\` did not end within ${seconds} s`,
    advice:
      "Check the commands of `Match exec` in ssh_config and, with CanonicalizeHostname, the name servers of this machine.",
    details: printable(said),
  });
}

/** A text with its control characters escaped, except for the ends of lines. */
function printable(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[\0-\x09\x0b-\x1f\x7f-\x9f]/g, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
