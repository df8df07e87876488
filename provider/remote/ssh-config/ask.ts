import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { Connection } from "../connection/connection";
import { DialFailure } from "../errors/dial-failure";
import { note } from "../errors/note";
import { assertNames } from "./names";
import { defaultSettings, parseSettings, type Settings } from "./settings";
import { commandLine, sshG } from "./ssh-g";
import { expandTilde, isNone, sshHome } from "./tokens";

/** Where to go, as on the command line of ssh(1). */
export interface SettingsRequest extends Pick<Connection, "host" | "user" | "port" | "sshConfigFile"> {
  /** What the program says about jump hosts and proxies, if it does: then those of ssh_config do not count. */
  readonly route: "direct" | "proxied" | undefined;
}

const asked = new Map<string, Promise<Settings>>();
let noted = false;

/**
 * Asks ssh(1) for its settings, once per destination: that may run commands (`Match exec`).
 *
 * @throws DialFailure if ssh_config cannot be read, or for a name that OpenSSH refuses.
 */
export function settingsFor(request: SettingsRequest): Promise<Settings> {
  const key = JSON.stringify(request);
  const found = asked.get(key);
  if (found) return found;
  const asking = ask(request);
  asked.set(key, asking);
  // Whoever corrects ssh_config meanwhile need not start again.
  asking.catch(() => asked.delete(key));
  return asking;
}

/** Forgets what ssh(1) said. */
export function forgetSettings(): void {
  asked.clear();
  noted = false;
}

async function ask(request: SettingsRequest): Promise<Settings> {
  const { host, user, port, sshConfigFile } = request;
  assertNames([host], user === undefined ? [] : [user]);
  const defaults = () => defaultSettings(host, user, port);
  if (sshConfigFile !== undefined && isNone(sshConfigFile)) return defaults();
  const args = argumentsFor(request);
  const printed = await sshG(args);
  if (printed === undefined) {
    if (sshConfigFile !== undefined) throw unread(sshConfigFile);
    noteThatSshIsMissing();
    return defaults();
  }
  const settings = parseSettings(printed);
  if (settings) return settings;
  throw new DialFailure("configuration", {
    happened: `what \`${commandLine(args)}\` prints is not what OpenSSH prints`,
    advice: "Check which ssh is the first in PATH. It must be the one of OpenSSH, version 6.8 or later.",
  });
}

function argumentsFor({ host, user, port, sshConfigFile, route }: SettingsRequest): string[] {
  return [
    ...(sshConfigFile === undefined ? [] : ["-F", expandTilde(sshConfigFile, homedir())]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", `${port}`]),
    // Either one excludes ProxyJump and ProxyCommand of ssh_config. The command is not run; that there is one counts
    // for CanonicalizeHostname.
    ...(route === undefined ? [] : ["-o", `ProxyCommand=${route === "direct" ? "none" : "true"}`]),
    "--",
    host,
  ];
}

const INSTALL = "Install OpenSSH's client (on Debian: sudo apt install openssh-client)";

function unread(file: string): DialFailure {
  return new DialFailure("configuration", {
    happened: `the ssh_config file ${file} cannot be read, because there is no ssh in PATH`,
    advice: `${INSTALL}, which reads it.`,
  });
}

function noteThatSshIsMissing(): void {
  const files = [`${sshHome()}/.ssh/config`, "/etc/ssh/ssh_config"].filter((file) => existsSync(file));
  if (noted || files.length === 0) return;
  noted = true;
  note(`There is no ssh in PATH, so ${files.join(" and ")} cannot be read and is ignored. ${INSTALL}.`);
}
