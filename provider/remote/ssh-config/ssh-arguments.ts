import { homedir } from "node:os";
import type { Connection, JumpHost } from "../connection/connection";
import type { Credentials } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import { messageOf } from "../errors/unknown-error";
import { expandTilde, isNone } from "./tokens";
import { argument, commandLine, type Hop, jumpArgument, plainArgument, type Written } from "./write";

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
  const hops = (jump ?? []).map(hop);
  return [
    ...(sshConfigFile === undefined ? [] : ["-F", isNone(sshConfigFile) ? "none" : home(sshConfigFile)]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", `${port}`]),
    ...(privateKeyPath === undefined ? [] : set("IdentityFile", () => argument(home(privateKeyPath)))),
    ...(privateKeyPath === undefined || (agent !== undefined && agent !== false)
      ? []
      : set("IdentitiesOnly", () => argument("yes"))),
    ...(certificatePath === undefined ? [] : set("CertificateFile", () => argument(home(certificatePath)))),
    ...(agent === false ? set("IdentityAgent", () => argument("none")) : []),
    ...(typeof agent === "string" ? set("IdentityAgent", () => argument(home(agent))) : []),
    ...(knownHostsFile === undefined
      ? []
      : [
          ...set("UserKnownHostsFile", () => plainArgument(home(knownHostsFile))),
          ...set("GlobalKnownHostsFile", () => argument("none")),
        ]),
    ...(hostKeyChecking === undefined ? [] : set("StrictHostKeyChecking", () => argument(CHECKING[hostKeyChecking]))),
    ...(jump === undefined ? [] : set("ProxyJump", () => jumpArgument(hops))),
    ...(proxyCommand === undefined ? [] : set("ProxyCommand", () => commandLine(proxyCommand))),
  ];
}

const CHECKING = { strict: "yes", "accept-new": "accept-new", off: "no" } as const;

function set(keyword: string, write: () => Written): string[] {
  try {
    return ["-o", `${keyword}=${write().text}`];
  } catch (error) {
    throw cannot(`${keyword}: ${messageOf(error)}`);
  }
}

function home(path: string): string {
  return expandTilde(path, homedir());
}

/** A jump host has no settings of its own on a command line. */
function hop({ host, user, port, ...rest }: JumpHost): Hop {
  const [other] = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  if (other !== undefined) throw cannot(`${other} of the jump host ${host}`);
  return { host, user, port };
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
