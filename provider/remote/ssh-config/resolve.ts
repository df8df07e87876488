import { homedir } from "node:os";
import type { Connection, JumpHost } from "../connection/connection";
import { parseDestination } from "../connection/destination";
import { DialFailure } from "../errors/dial-failure";
import { settingsFor } from "./ask";
import type { Effective } from "./effective";
import { DEFAULT_KEYS, type Settings } from "./settings";
import { expandPath, expandTilde, expandTokens, sshHome, type TokenValues } from "./tokens";

/** More hops than this mean that the configuration refers back to itself. */
const MOST_HOPS = 8;

/**
 * What ssh(1) would do for this connection: its own keys first, then ssh_config, then the defaults.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export function resolve(connection: Connection): Promise<Effective> {
  return resolveHop(connection, connection.jump, 0);
}

/** The settings of a hop; a jump host has fewer keys than the host itself. */
type Wishes = JumpHost & Partial<Connection>;

async function resolveHop(wishes: Wishes, jump: readonly JumpHost[] | undefined, depth: number): Promise<Effective> {
  const settings = await settingsFor(destinationOf(wishes, jump));
  const { hostname: host, port, user, hostkeyalias: alias } = settings;
  const tokens: TokenValues = { original: wishes.host, host, port, user, alias, jump: settings.proxyjump };
  return {
    host,
    port,
    user,
    hostKeyAlias: alias,
    ...trust(wishes, settings, tokens),
    ...identities(wishes, settings, tokens),
    ...(await way(wishes, settings, tokens, jump, depth)),
    ...patience(wishes, settings),
  };
}

function destinationOf(wishes: Wishes, jump: readonly JumpHost[] | undefined) {
  const { host, user, port, sshConfigFile, proxyCommand } = wishes;
  const own = jump !== undefined || proxyCommand !== undefined;
  const proxied = (jump?.length ?? 0) > 0 || (proxyCommand !== undefined && !isNone(proxyCommand));
  return { host, user, port, sshConfigFile, way: own ? (proxied ? "proxied" : "direct") : undefined } as const;
}

function trust(wishes: Wishes, settings: Settings, tokens: TokenValues) {
  const { userknownhostsfile: own, globalknownhostsfile: system, revokedhostkeys: revoked } = settings;
  return {
    hostKeys: wishes.hostKey ?? [],
    hostKeyChecking: wishes.hostKeyChecking ?? settings.stricthostkeychecking,
    // The tokens in these, `ssh -G` has replaced; it leaves some tildes.
    knownHostsFiles:
      wishes.knownHostsFile === undefined
        ? [...own, ...system].map((file) => expandTilde(file, sshHome()))
        : [expandTilde(wishes.knownHostsFile, homedir())],
    hashKnownHosts: settings.hashknownhosts,
    revokedHostKeys: revoked && expandPath(revoked, tokens, sshHome()),
  };
}

function identities(wishes: Wishes, settings: Settings, tokens: TokenValues) {
  const { privateKeyPath: key, certificatePath: certificate, agent } = wishes;
  // A path in the program is a shell's, where `~` is `HOME`.
  const own = (path: string) => [expandPath(path, tokens, homedir())];
  const configured = (paths: readonly string[]) => paths.map((path) => expandPath(path, tokens, sshHome()));
  return {
    identityFiles: key === undefined ? configured(settings.identityfile) : own(key),
    identityFilesNamed: key !== undefined || settings.identityfile.some((file) => !DEFAULT_KEYS.includes(file)),
    certificateFiles: certificate === undefined ? configured(settings.certificatefile) : own(certificate),
    // If the connection names a key, only that key is meant, unless it also asks for the agent.
    identitiesOnly: key === undefined ? settings.identitiesonly : agent === undefined || agent === false,
    agent: agentSocket(agent, settings.identityagent, tokens),
    agentIdentity: wishes.agentIdentity && expandTilde(wishes.agentIdentity, homedir()),
  };
}

function agentSocket(
  own: boolean | string | undefined,
  configured: string | undefined,
  tokens: TokenValues,
): string | undefined {
  const environment = process.env.SSH_AUTH_SOCK || undefined;
  if (own === false) return undefined;
  if (typeof own === "string") return expandPath(own, tokens, homedir());
  if (configured === undefined || configured === "SSH_AUTH_SOCK") return environment;
  if (isNone(configured)) return undefined;
  if (configured.startsWith("$") && !configured.startsWith("${")) return process.env[configured.slice(1)] || undefined;
  return expandPath(configured, tokens, sshHome());
}

async function way(
  wishes: Wishes,
  settings: Settings,
  tokens: TokenValues,
  jump: readonly JumpHost[] | undefined,
  depth: number,
) {
  const ownCommand = wishes.proxyCommand;
  const hops = jump ?? (ownCommand === undefined ? configuredHops(settings.proxyjump, tokens) : []);
  const command = ownCommand ?? (jump === undefined ? settings.proxycommand : undefined);
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
    via: last && (await resolveHop(inherit(last, wishes), before, depth + 1)),
  };
}

function configuredHops(value: string | undefined, tokens: TokenValues): JumpHost[] {
  if (value === undefined) return [];
  return value.split(",").map((hop) => parseJump(expandTokens(hop.trim(), tokens)));
}

// ssh_config(5) also accepts user@host:port here, which is not a destination elsewhere.
function parseJump(text: string): JumpHost {
  return parseDestination(/^[a-z]+:\/\//i.test(text) ? text : `ssh://${text}`);
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

function patience(wishes: Wishes, settings: Settings) {
  const { dial, keepAliveSeconds } = wishes;
  return {
    dialSeconds: dial?.timeoutSeconds ?? (settings.connecttimeout || 15),
    retries: { count: dial?.retries ?? 10, seconds: dial?.totalSeconds ?? 300 },
    keepAlive: {
      seconds: keepAliveSeconds ?? (settings.serveraliveinterval || 15),
      count: settings.serveralivecountmax ?? 3,
    },
  };
}

function isNone(value: string): boolean {
  return value.toLowerCase() === "none";
}
