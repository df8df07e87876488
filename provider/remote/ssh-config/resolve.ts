import type { Connection, JumpHost } from "../connection/connection";
import { parseHostText } from "../connection/host-text";
import { DialFailure } from "../errors/dial-failure";
import { messageOf } from "../errors/unknown-error";
import type { Effective } from "./effective";
import { readSshConfig, type SshConfig } from "./read";
import { seconds } from "./time";
import { expandPath, expandTilde, expandTokens, localUser, type TokenValues } from "./tokens";

/** More hops than this mean that the configuration refers back to itself. */
const MOST_HOPS = 8;

/**
 * What ssh(1) would do for this connection: its own keys first, then ssh_config, then the defaults.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export function resolve(connection: Connection): Effective {
  return resolveHop(connection, connection.jump, 0);
}

/** The settings of a hop; a jump host has fewer keys than the host itself. */
type Wishes = JumpHost & Partial<Connection>;

function resolveHop(wishes: Wishes, jump: readonly JumpHost[] | undefined, depth: number): Effective {
  const config = readConfig(wishes);
  const user = wishes.user ?? config.first("user") ?? localUser();
  const port = wishes.port ?? Number(config.first("port") ?? 22);
  const hostName = config.first("hostname");
  const host = (
    hostName === undefined
      ? wishes.host
      : expandTokens(hostName, { original: wishes.host, host: wishes.host, port, user })
  ).toLowerCase();
  const alias = config.first("hostkeyalias");
  const tokens: TokenValues = { original: wishes.host, host, port, user, alias, jump: config.first("proxyjump") };
  return {
    host,
    port,
    user,
    hostKeyAlias: alias && expandTokens(alias, tokens),
    ...trust(wishes, config, tokens),
    ...identities(wishes, config, tokens),
    ...way(wishes, config, tokens, jump, depth),
    ...patience(wishes, config),
  };
}

function readConfig(wishes: Wishes): SshConfig {
  try {
    return readSshConfig(wishes, wishes.sshConfigFile);
  } catch (error) {
    throw new DialFailure("configuration", {
      happened: `the ssh_config file ${wishes.sshConfigFile} cannot be read (${messageOf(error)})`,
      advice: "Check `sshConfigFile` in the connection.",
    });
  }
}

function trust(wishes: Wishes, config: SshConfig, tokens: TokenValues) {
  const user = files(config.all("userknownhostsfile") ?? ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]);
  const system = files(config.all("globalknownhostsfile") ?? ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]);
  const revoked = config.first("revokedhostkeys");
  return {
    hostKeys: wishes.hostKey ?? [],
    hostKeyChecking:
      wishes.hostKeyChecking ?? CHECKING[config.first("stricthostkeychecking")?.toLowerCase() ?? ""] ?? "strict",
    knownHostsFiles:
      wishes.knownHostsFile === undefined
        ? [...user, ...system].map((file) => expandPath(file, tokens))
        : [expandTilde(wishes.knownHostsFile)],
    hashKnownHosts: isYes(config.first("hashknownhosts")),
    revokedHostKeys: revoked === undefined || isNone(revoked) ? undefined : expandPath(revoked, tokens),
  };
}

const CHECKING: Readonly<Record<string, Effective["hostKeyChecking"]>> = {
  "accept-new": "accept-new",
  no: "off",
  off: "off",
  false: "off",
};

function identities(wishes: Wishes, config: SshConfig, tokens: TokenValues) {
  const own = wishes.privateKeyPath;
  const named = own === undefined ? config.identityFiles : [own];
  const paths = (list: readonly string[]) => files(list).map((file) => expandPath(file, tokens));
  return {
    identityFiles: paths(named.length > 0 ? named : ["~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"]),
    identityFilesNamed: named.length > 0,
    certificateFiles: paths(wishes.certificatePath === undefined ? config.certificateFiles : [wishes.certificatePath]),
    // If the connection names a key, only that key is meant, unless it also asks for the agent.
    identitiesOnly:
      own === undefined ? isYes(config.first("identitiesonly")) : wishes.agent === undefined || wishes.agent === false,
    agent: agentSocket(wishes.agent, config.first("identityagent"), tokens),
    agentIdentity: wishes.agentIdentity && expandTilde(wishes.agentIdentity),
  };
}

function agentSocket(
  own: boolean | string | undefined,
  configured: string | undefined,
  tokens: TokenValues,
): string | undefined {
  const environment = process.env.SSH_AUTH_SOCK || undefined;
  if (own === false) return undefined;
  if (typeof own === "string") return expandPath(own, tokens);
  if (configured === undefined || configured === "SSH_AUTH_SOCK") return environment;
  if (isNone(configured)) return undefined;
  if (configured.startsWith("$") && !configured.startsWith("${")) return process.env[configured.slice(1)] || undefined;
  return expandPath(configured, tokens);
}

function way(
  wishes: Wishes,
  config: SshConfig,
  tokens: TokenValues,
  jump: readonly JumpHost[] | undefined,
  depth: number,
) {
  const ownCommand = wishes.proxyCommand;
  const hops = jump ?? (ownCommand === undefined ? configuredHops(config.first("proxyjump"), tokens) : []);
  const command = ownCommand ?? (jump === undefined ? config.first("proxycommand") : undefined);
  const last = hops.at(-1);
  if (last && depth >= MOST_HOPS) {
    throw new DialFailure("configuration", {
      happened: `more than ${MOST_HOPS} jump hosts lead to ${wishes.host}, the last of them ${last.host}: ProxyJump seems to refer back to itself`,
      advice: `Exclude the jump host in ssh_config, as in: Host * !${last.host}`,
    });
  }
  // As `ssh -J a,b` does: b is reached through a, and a as configured in ssh_config.
  const before = hops.length > 1 ? hops.slice(0, -1) : undefined;
  return {
    proxyCommand: command === undefined || isNone(command) || last ? undefined : expandTokens(command, tokens),
    via: last && resolveHop(inherit(last, wishes), before, depth + 1),
  };
}

function configuredHops(value: string | undefined, tokens: TokenValues): JumpHost[] {
  if (value === undefined || isNone(value)) return [];
  return value.split(",").map((hop) => parseJump(expandTokens(hop.trim(), tokens)));
}

// ssh_config(5) also accepts user@host:port here, which is not a destination elsewhere.
function parseJump(text: string): JumpHost {
  return parseHostText(/^[a-z]+:\/\//i.test(text) ? text : `ssh://${text}`);
}

function inherit(hop: JumpHost, from: Wishes): Wishes {
  const {
    privateKeyPath,
    certificatePath,
    agent,
    agentIdentity,
    knownHostsFile,
    hostKeyChecking,
    sshConfigFile,
    dial,
    keepAliveSeconds,
  } = from;
  const inherited = {
    privateKeyPath,
    certificatePath,
    agent,
    agentIdentity,
    knownHostsFile,
    hostKeyChecking,
    sshConfigFile,
    dial,
    keepAliveSeconds,
  };
  return {
    ...inherited,
    ...Object.fromEntries(Object.entries(hop).filter(([, value]) => value !== undefined)),
    host: hop.host,
  };
}

function patience(wishes: Wishes, config: SshConfig) {
  const { dial, keepAliveSeconds } = wishes;
  return {
    dialSeconds: dial?.timeoutSeconds ?? (seconds(config.first("connecttimeout")) || 15),
    retries: { count: dial?.retries ?? 10, seconds: dial?.totalSeconds ?? 300 },
    keepAlive: {
      seconds: keepAliveSeconds ?? (seconds(config.first("serveraliveinterval")) || 15),
      count: Number(config.first("serveralivecountmax") ?? 3),
    },
  };
}

function files(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !isNone(path));
}

function isNone(value: string): boolean {
  return value.toLowerCase() === "none";
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(yes|true)$/i.test(value);
}
