import { homedir } from "node:os";
import type { Connection, JumpHost } from "../connection/connection";
import type { Credentials } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import { expandTilde, isNone } from "../ssh-config/tokens";

/**
 * What the connection says, as arguments of ssh(1) that come before the destination. All else is ssh's own: ssh_config,
 * keys, agents, known_hosts.
 *
 * @throws DialFailure for what ssh cannot be given.
 */
export function sshArguments(connection: Connection): string[] {
  const { user, port, sshConfigFile, privateKeyPath, certificatePath, agent, knownHostsFile } = connection;
  const { hostKeyChecking, proxyCommand, jump } = connection;
  refuseOthers(connection);
  return [
    ...(sshConfigFile === undefined ? [] : ["-F", isNone(sshConfigFile) ? "none" : home(sshConfigFile)]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", `${port}`]),
    ...(privateKeyPath === undefined ? [] : set("IdentityFile", word(home(privateKeyPath)))),
    ...(privateKeyPath === undefined || (agent !== undefined && agent !== false) ? [] : set("IdentitiesOnly", "yes")),
    ...(certificatePath === undefined ? [] : set("CertificateFile", word(home(certificatePath)))),
    ...(agent === false ? set("IdentityAgent", "none") : []),
    ...(typeof agent === "string" ? set("IdentityAgent", word(home(agent))) : []),
    ...(knownHostsFile === undefined
      ? []
      : [...set("UserKnownHostsFile", word(home(knownHostsFile))), ...set("GlobalKnownHostsFile", "none")]),
    ...(hostKeyChecking === undefined ? [] : set("StrictHostKeyChecking", CHECKING[hostKeyChecking])),
    ...(jump === undefined ? [] : set("ProxyJump", jump.length === 0 ? "none" : jump.map(hop).join(","))),
    ...(proxyCommand === undefined ? [] : set("ProxyCommand", proxyCommand)),
  ];
}

const CHECKING = { strict: "yes", "accept-new": "accept-new", off: "no" } as const;

function set(keyword: string, value: string): string[] {
  return ["-o", `${keyword}=${value}`];
}

function home(path: string): string {
  return expandTilde(path, homedir());
}

/** A path as one argument in a line of ssh_config(5), where a blank ends one. */
function word(path: string): string {
  if (/["\p{Cc}]/u.test(path)) {
    throw cannot(`the path ${JSON.stringify(path)}, because its configuration has no way to write it`);
  }
  return /[\s#'\\]/.test(path) ? `"${path.replaceAll("\\", "\\\\")}"` : path;
}

function hop({ host, user, port, ...rest }: JumpHost): string {
  const [other] = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (other !== undefined) throw cannot(`${other} of the jump host ${host}`);
  const name = port !== undefined && host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;
}

/**
 * Refuses secrets that only this package could log in with. A password still serves sudo.
 *
 * @throws DialFailure
 */
export function refuseKeys({ privateKey, certificate }: Credentials): void {
  if (privateKey !== undefined) throw cannot("privateKey of the credentials");
  if (certificate !== undefined) throw cannot("certificate of the credentials");
}

function refuseOthers({ hostKey, agentIdentity }: Connection): void {
  if (hostKey !== undefined) throw cannot("hostKey");
  if (agentIdentity !== undefined) throw cannot("agentIdentity");
}

function cannot(what: string): DialFailure {
  return new DialFailure("configuration", {
    happened: `with \`client: "openssh"\` ssh cannot be given ${what}`,
    advice: "Put it where ssh looks for it (ssh_config, known_hosts, an agent), or leave `client` out.",
  });
}
