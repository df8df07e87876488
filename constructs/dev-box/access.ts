import type { HostRef } from "../../provider/resources/on-host";

/** The values for an entry in ssh_config. */
export interface Access {
  readonly name: string;
  readonly address: string | undefined;
  readonly user: string;
  readonly host: HostRef;
  readonly hostKey: string;
  readonly forwardAgent: boolean;
}

/** A box's key as sshd wrote it. It comes from the guest, so it is accepted only if it is a key and nothing else. */
export function hostKeyIn(output: string): string {
  const key = /^ssh-ed25519 [A-Za-z0-9+/]+=*(?=\s|$)/m.exec(output)?.[0];
  if (key === undefined)
    throw new Error("the box did not report its host key: run `pulumi refresh`, and then `pulumi up` again");
  return key;
}

/** Lines of known_hosts (sshd(8)). */
export function knownHostsOf({ name, address, host, hostKey }: Access): string {
  return `${[aliasOf(name, host), ...(address === undefined ? [] : [address])].join(",")} ${hostKey}\n`;
}

/** A self-contained ssh_config(5) entry: KnownHostsCommand provides the key, and the host is the jump host. */
export function sshConfigOf({ name, address, user, host, hostKey, forwardAgent }: Access): string {
  const jump = jumpOf(name, host);
  return `${[
    ...jump.entry,
    `Host ${name}`,
    `  HostName ${address ?? name}`,
    `  User ${user}`,
    ...(jump.proxy === undefined ? [] : [`  ProxyJump ${jump.proxy}`]),
    `  HostKeyAlias ${aliasOf(name, host)}`,
    "  HostKeyAlgorithms ssh-ed25519",
    `  KnownHostsCommand /bin/echo ${aliasOf(name, host)} ${hostKey}`,
    ...(forwardAgent ? ["  ForwardAgent yes"] : []),
  ].join("\n")}\n`;
}

/** Two hosts may have boxes with the same name. */
function aliasOf(name: string, { connection }: HostRef): string {
  return `${name}.${connection.host.replace(/[^A-Za-z0-9.-]/g, "-")}`;
}

interface Jump {
  readonly proxy: string | undefined;
  /** An entry for a host that ProxyJump alone cannot describe. */
  readonly entry: readonly string[];
}

function jumpOf(name: string, { connection }: HostRef): Jump {
  const { host, user, port, privateKeyPath, certificatePath, knownHostsFile, jump, proxyCommand } = connection;
  if (host === "local") return { proxy: undefined, entry: [] };
  const more = [
    ...(privateKeyPath === undefined ? [] : [`  IdentityFile ${quoted(privateKeyPath)}`]),
    ...(certificatePath === undefined ? [] : [`  CertificateFile ${quoted(certificatePath)}`]),
    ...(knownHostsFile === undefined ? [] : [`  UserKnownHostsFile ${quoted(knownHostsFile)}`]),
    ...(proxyCommand === undefined ? [] : [`  ProxyCommand ${proxyCommand}`]),
    ...(jump === undefined ? [] : [`  ProxyJump ${jumpChain(jump)}`]),
  ];
  if (more.length === 0) return { proxy: spelled({ host, user, port }), entry: [] };
  const alias = `${name}-host`;
  return {
    proxy: alias,
    entry: [
      `Host ${alias}`,
      `  HostName ${host}`,
      ...(user === undefined ? [] : [`  User ${user}`]),
      ...(port === undefined ? [] : [`  Port ${port}`]),
      ...more,
      "",
    ],
  };
}

function jumpChain(jump: NonNullable<HostRef["connection"]["jump"]>): string {
  const chain = typeof jump === "string" ? [jump] : jump;
  return chain.map((one) => (typeof one === "string" ? one : spelled(one))).join(",") || "none";
}

function spelled({ host, user, port }: { host: string; user?: string | undefined; port?: number | undefined }): string {
  const place = host.includes(":") ? `[${host}]` : host;
  return `${user === undefined ? "" : `${user}@`}${place}${port === undefined ? "" : `:${port}`}`;
}

/** ssh_config(5): arguments with blanks are put in double quotes. */
function quoted(argument: string): string {
  return /\s/.test(argument) ? `"${argument}"` : argument;
}
