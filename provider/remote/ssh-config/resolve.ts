import { homedir } from "node:os";
import type { Connection, JumpHost } from "../connection/connection";
import { parseDestination } from "../connection/destination";
import { DialFailure } from "../errors/dial-failure";
import { settingsFor } from "./ask";
import { assertNames } from "./names";
import type { ResolvedConnection } from "./resolved-connection";
import { DEFAULT_KEYS, type Settings } from "./settings";
import { sshArguments } from "./ssh-arguments";
import { expandPath, expandTilde, expandTokens, isNone, sshHome, type TokenValues } from "./tokens";

/** Only the time limits how often a lost connection is tried again. */
const MANY = 1000;

/** More hops than this mean that the configuration refers back to itself. */
const MOST_HOPS = 8;

/**
 * What ssh(1) would do for this connection: its own keys first, then ssh_config, then the defaults.
 *
 * @throws DialFailure if ssh_config cannot be read or leads nowhere.
 */
export function resolve(connection: Connection): Promise<ResolvedConnection> {
  return resolveHop(connection, connection.jump, 0);
}

/** The settings of a hop; a jump host has fewer keys than the host itself. */
type HopOptions = JumpHost & Partial<Connection>;

async function resolveHop(
  options: HopOptions,
  jump: readonly JumpHost[] | undefined,
  depth: number,
): Promise<ResolvedConnection> {
  const settings = await settingsFor(requestOf(options, jump));
  const { hostname: host, port, user, hostkeyalias: alias } = settings;
  const tokens: TokenValues = { original: options.host, host, port, user, alias, jump: settings.proxyjump };
  const openssh = options.client === "openssh" ? sshArguments(options) : undefined;
  return {
    original: options.host,
    host,
    port,
    user,
    openssh,
    hostKeyAlias: alias,
    ...hostKeys(options, settings, tokens),
    ...identities(options, settings, tokens),
    ...(openssh === undefined
      ? await proxy(options, settings, tokens, jump, depth)
      : { proxyCommand: undefined, via: undefined }),
    ...deadlines(options, settings),
  };
}

function requestOf(options: HopOptions, jump: readonly JumpHost[] | undefined) {
  const { host, user, port, sshConfigFile, proxyCommand } = options;
  const own = jump !== undefined || proxyCommand !== undefined;
  const proxied = (jump?.length ?? 0) > 0 || (proxyCommand !== undefined && !isNone(proxyCommand));
  return { host, user, port, sshConfigFile, route: own ? (proxied ? "proxied" : "direct") : undefined } as const;
}

function hostKeys(options: HopOptions, settings: Settings, tokens: TokenValues) {
  const { userknownhostsfile: own, globalknownhostsfile: system, revokedhostkeys: revoked } = settings;
  return {
    hostKeys: options.hostKey ?? [],
    hostKeyChecking: options.hostKeyChecking ?? settings.stricthostkeychecking,
    // The tokens in these, `ssh -G` has replaced; it leaves some tildes.
    knownHostsFiles:
      options.knownHostsFile === undefined
        ? [...own, ...system].map((file) => expandTilde(file, sshHome()))
        : [expandTilde(options.knownHostsFile, homedir())],
    hashKnownHosts: settings.hashknownhosts,
    revokedHostKeys: revoked && expandPath(revoked, tokens, sshHome()),
  };
}

function identities(options: HopOptions, settings: Settings, tokens: TokenValues) {
  const { privateKeyPath: key, certificatePath: certificate, agent } = options;
  // A path in the program is a shell's, where `~` is `HOME`.
  const own = (path: string) => (isNone(path) ? [] : [expandPath(path, tokens, homedir())]);
  const configured = (paths: readonly string[]) => paths.map((path) => expandPath(path, tokens, sshHome()));
  return {
    identityFiles: key === undefined ? configured(settings.identityfile) : own(key),
    identityFilesNamed: key !== undefined || settings.identityfile.some((file) => !DEFAULT_KEYS.includes(file)),
    certificateFiles: certificate === undefined ? configured(settings.certificatefile) : own(certificate),
    // If the connection names a key, only that key is meant, unless it also asks for the agent.
    identitiesOnly: key === undefined ? settings.identitiesonly : agent === undefined || agent === false,
    agent: agentSocket(agent, settings.identityagent, tokens),
    agentIdentity: options.agentIdentity && expandTilde(options.agentIdentity, homedir()),
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

async function proxy(
  options: HopOptions,
  settings: Settings,
  tokens: TokenValues,
  jump: readonly JumpHost[] | undefined,
  depth: number,
) {
  const ownCommand = options.proxyCommand;
  const hops = jump ?? (ownCommand === undefined ? configuredHops(settings.proxyjump, tokens) : []);
  const command = ownCommand ?? (jump === undefined ? settings.proxycommand : undefined);
  const last = hops.at(-1);
  if (last && depth >= MOST_HOPS) {
    throw new DialFailure("configuration", {
      happened: `more than ${MOST_HOPS} jump hosts lead to ${options.host}, the last of them ${last.host}: ProxyJump seems to refer back to itself`,
      advice: `Exclude the jump host in ssh_config, as in: Host * !${last.host}`,
    });
  }
  // As `ssh -J a,b` does: b is reached through a, and a as configured in ssh_config.
  const before = hops.length > 1 ? hops.slice(0, -1) : undefined;
  return {
    proxyCommand: command === undefined || isNone(command) || last ? undefined : commandOf(command, tokens),
    via: last && (await resolveHop(inherit(last, options), before, depth + 1)),
  };
}

/** It is run by a shell, so whatever stands in it for a token is a name. */
function commandOf(command: string, tokens: TokenValues): string {
  const { original, host, alias, user } = tokens;
  assertNames([original, host, ...(alias === undefined ? [] : [alias])], [user]);
  return expandTokens(command, tokens);
}

function configuredHops(value: string | undefined, tokens: TokenValues): JumpHost[] {
  if (value === undefined) return [];
  return value.split(",").map((hop) => parseJump(expandTokens(hop.trim(), tokens)));
}

// ssh_config(5) also accepts user@host:port here, which is not a destination elsewhere.
function parseJump(text: string): JumpHost {
  return parseDestination(/^[a-z]+:\/\//i.test(text) ? text : `ssh://${text}`);
}

function inherit(hop: JumpHost, from: HopOptions): HopOptions {
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

function deadlines(options: HopOptions, settings: Settings) {
  const { dial, keepAliveSeconds } = options;
  return {
    dialSeconds: dial?.timeoutSeconds ?? (settings.connecttimeout || 15),
    retries: { count: dial?.retries ?? 10, seconds: dial?.totalSeconds ?? 300, longestWaitSeconds: 20 },
    reconnect: { count: dial?.retries ?? MANY, seconds: dial?.reconnectSeconds ?? 60, longestWaitSeconds: 5 },
    keepAlive: {
      seconds: keepAliveSeconds ?? (settings.serveraliveinterval || 12),
      count: settings.serveralivecountmax ?? 3,
    },
  };
}
