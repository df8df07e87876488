import { isIPv6 } from "node:net";
import { z } from "zod";
import { documented } from "../../documented";
import { quotedUrl } from "../../quoted-url";
import { messageOf } from "../errors/unknown-error";
import { type Destination, parseDestination } from "./destination";
import { problemOfHostName, problemOfUserName } from "./names";
import { hostKey, unknownKeys, withoutKeyText } from "./validators";

const host = z
  .string("a host is a name or an address, such as web1.example.com")
  .trim()
  .min(1, "a host cannot be empty")
  .superRefine((name, context) => {
    const problem = problemOfHostName(name);
    if (problem === undefined) return;
    const advice = /[@/]/.test(name) ? "write only the name, and put user and port into their own keys" : problem;
    context.addIssue({ code: "custom", message: `${quotedUrl(name)} is not a host name: ${advice}` });
  });
const user = z
  .string("a user is a login name, such as root")
  .min(1, "a login name cannot be empty")
  .superRefine((name, context) => {
    const problem = problemOfUserName(name);
    // What follows a colon was meant as a password.
    const shown = name.includes(":") ? `${name.slice(0, name.indexOf(":"))}:…` : name;
    if (problem !== undefined)
      context.addIssue({ code: "custom", message: `${JSON.stringify(shown)} is not a login name: ${problem}` });
  });
const port = z
  .int({ error: (issue) => `${JSON.stringify(issue.input)} is not a port: write a whole number from 1 to 65535` })
  .min(1, { error: (issue) => `${issue.input} is not a port: write a whole number from 1 to 65535` })
  .max(65535, { error: (issue) => `${issue.input} is not a port: write a whole number from 1 to 65535` });
const path = z.string("a path is a string").min(1, "a path cannot be empty: leave the key out instead");

/** What a host and a jump host have in common: how to find, recognise and log in to it. */
const login = {
  /**
   * An alias of ssh_config, a name or an address. What OpenSSH refuses on its command line is refused: characters with
   * a meaning to a shell. ssh_config(5): `Host`, `HostName`.
   */
  host,
  /** The login name, with the same rule. ssh_config(5): `User`. @default `User` of ssh_config, else the name of the local user */
  user: user.optional(),
  /** ssh_config(5): `Port`. @default `Port` of ssh_config, else 22 */
  port: port.optional(),
  /**
   * The host's key, or several: `ssh-ed25519 AAAA…` as in its /etc/ssh/ssh_host_ed25519_key.pub, a fingerprint
   * `SHA256:…`, or `@cert-authority ssh-ed25519 AAAA…` for the authority that signs host certificates. If it is set, no
   * known_hosts file is read.
   * @default what known_hosts says
   */
  hostKey: hostKey.optional(),
  /**
   * What to do about an unknown host. `strict` refuses it; `accept-new` adds its key to the known_hosts file, but
   * refuses a changed key; `off` accepts any key. ssh_config(5): `StrictHostKeyChecking`.
   * @default `StrictHostKeyChecking` of ssh_config if it is `accept-new` or `off`, else `strict`
   */
  hostKeyChecking: z
    .enum(["strict", "accept-new", "off"], {
      error: (issue) => `${JSON.stringify(issue.input)} is not one of strict, accept-new and off`,
    })
    .optional(),
  /**
   * The only known_hosts file to use. ssh_config(5): `UserKnownHostsFile`.
   * @default ssh_config's, else ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
   */
  knownHostsFile: path.optional(),
  /**
   * A file with a private key. ssh_config(5): `IdentityFile`.
   * @default ssh_config's, else those that ssh(1) tries: ~/.ssh/id_rsa, id_ecdsa, id_ed25519 and others
   */
  privateKeyPath: withoutKeyText(path).optional(),
  /**
   * A file with an OpenSSH user certificate. ssh_config(5): `CertificateFile`.
   * @default ssh_config's, else `-cert.pub` next to the key
   */
  certificatePath: path.optional(),
  /**
   * Whether to ask an SSH agent for keys, or the path of its socket. ssh_config(5): `IdentityAgent`.
   * @default ssh_config's, else the socket in `SSH_AUTH_SOCK`
   */
  agent: z.union([z.boolean(), path], "agent is true, false or the path of an agent's socket").optional(),
  /**
   * The only one of the agent's keys to use: its comment, its fingerprint `SHA256:…`, or its public key.
   * @default every key of the agent is tried
   */
  agentIdentity: z.string("a key of the agent is a string").min(1, "it is empty: leave it out").optional(),
};

const jumpHost = documented(login, { error: unknownKeys(Object.keys(login)) });
const jumpOrText = z.preprocess((value: z.input<typeof jumpHost> | string, context) => {
  return typeof value === "string" ? split(value, context) : value;
}, jumpHost);
const jumpChain = z.preprocess(
  (value: string | (z.input<typeof jumpHost> | string)[]) => (typeof value === "string" ? [value] : value),
  z.array(jumpOrText),
);

const seconds = (what: string) =>
  z.number({ error: (issue) => `${JSON.stringify(issue.input)} is not a number of ${what}` });

const shape = {
  ...login,
  /**
   * The ssh_config file to read instead of OpenSSH's two; `none` reads none. The user's own ssh(1) reads it (`ssh -G`),
   * and runs the commands of `Match exec`. ssh(1): `-F`.
   * @default ~/.ssh/config, then /etc/ssh/ssh_config
   */
  sshConfigFile: path.optional(),
  /**
   * Who connects. `ssh2`: this package. `openssh`: the user's own ssh(1), by one shared connection (ssh_config(5),
   * `ControlMaster`), with everything that it can do: FIDO keys, `KnownHostsCommand`, Kerberos, key exchange that
   * withstands quantum computers. It must not ask for anything (`BatchMode`), decides about keys of hosts by itself, and
   * cannot be given `hostKey`, `agentIdentity`, or a `privateKey` or `password` of the credentials to log in with.
   * @default "ssh2"
   */
  client: z
    .enum(["ssh2", "openssh"], {
      error: (issue) => `${JSON.stringify(issue.input)} is not one of ssh2 and openssh`,
    })
    .optional(),
  /** A command whose stdin and stdout are the connection. ssh_config(5): `ProxyCommand`. @default ssh_config's */
  proxyCommand: z.string("a proxy command is a string").min(1, "it is empty: leave it out, or write none").optional(),
  /**
   * Jump hosts, in order. Each is checked and logged in to with its own keys and its own section of ssh_config, and
   * inherits from here what it does not set of `privateKeyPath`, `certificatePath`, `agent`, `agentIdentity`,
   * `knownHostsFile`, `hostKeyChecking` and `sshConfigFile`. `[]` uses none. ssh_config(5): `ProxyJump`.
   * @default ssh_config's
   */
  jump: jumpChain.optional(),
  /** Whether to become root with sudo if the user is not root. @default true */
  become: z.boolean("become is true or false").optional(),
  /** How long and how often to try to reach the host. A refused login or host key is never tried again. */
  dial: documented({
    /** Further tries after the first one. ssh_config(5): `ConnectionAttempts`. @default 10 */
    retries: z.int("retries is a whole number").min(0, "retries cannot be negative").optional(),
    /**
     * Seconds for one try, until logged in. ssh_config(5): `ConnectTimeout`.
     * @default `ConnectTimeout` of ssh_config, else 15
     */
    timeoutSeconds: seconds("seconds").positive("a time-out is more than 0 seconds").optional(),
    /** Seconds for all tries together, including the waits between them. @default 300 */
    totalSeconds: seconds("seconds").positive("a time-out is more than 0 seconds").optional(),
    /**
     * Seconds in which a host whose connection was lost during a run must be reached again, from when it was last heard
     * of. Then what runs on it fails; what is done there is kept.
     * @default 60
     */
    reconnectSeconds: seconds("seconds").positive("a time-out is more than 0 seconds").optional(),
  }).optional(),
  /**
   * Seconds between keep-alive messages while something runs on the host. Three unanswered ones end the connection; 0
   * sends none. ssh_config(5): `ServerAliveInterval`, `ServerAliveCountMax`.
   * @default `ServerAliveInterval` of ssh_config if it is not 0, else 12
   */
  keepAliveSeconds: seconds("seconds").min(0, "it cannot be negative: 0 sends none").optional(),
};

/** How to reach a host. It never holds a secret: those are {@link Credentials}. */
export const connectionSchema = documented(shape, { error: unknownKeys(Object.keys(shape)) });
/** See {@link connectionSchema}. */
export type Connection = z.output<typeof connectionSchema>;
/** What you may write for a {@link Connection}: a single host key and a single jump host need no array. */
export type ConnectionInput = z.input<typeof connectionSchema>;
/** One host of {@link Connection.jump}. */
export type JumpHost = z.output<typeof jumpHost>;

/** A connection, or a host that is written as one text. */
export const hostSchema = z.preprocess(
  (value, context) => (typeof value === "string" ? split(value, context) : value),
  connectionSchema,
);

/**
 * What you may write as a host: `"local"`, an alias of ssh_config, `user@host`, or `ssh://user@host:port`.
 *
 * @throws TypeError for anything else.
 */
export function parseHost(value: string): Connection {
  const parsed = connectionSchema.safeParse(parseDestination(value));
  if (parsed.success) return parsed.data;
  throw new TypeError(parsed.error.issues.map((issue) => issue.message).join("; "));
}

function split(text: string, context: z.RefinementCtx): Destination | undefined {
  try {
    return parseDestination(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: messageOf(error) });
    return undefined;
  }
}

/** `user@host:port` as shown in messages. */
export function describeHost(connection: Pick<Connection, "host" | "user" | "port">): string {
  const name = connection.port !== undefined && isIPv6(connection.host) ? `[${connection.host}]` : connection.host;
  return `${connection.user === undefined ? "" : `${connection.user}@`}${name}${connection.port === undefined ? "" : `:${connection.port}`}`;
}
