import { isIP } from "node:net";
import {
  argument,
  commandLine,
  formatPublicKey,
  type Hop,
  hostArgument,
  jumpArgument,
  knownHostsLine,
  type PublicKey,
  parseHost,
  plainArgument,
  publicKeyIn,
  sshConfigEntry,
  userArgument,
} from "../../provider/remote";
import type { HostRef } from "../../provider/resources/on-host";

/** The values for an entry in ssh_config. */
export interface Access {
  readonly name: string;
  readonly address: string | undefined;
  readonly user: string;
  readonly host: HostRef;
  /** As sshd wrote it. It comes from the guest. */
  readonly hostKey: string;
  readonly forwardAgent: boolean;
}

/** A box's key as sshd wrote it. It comes from the guest, so it is accepted only if it is a key and nothing else. */
export function hostKeyIn(output: string): string {
  return formatPublicKey(keyIn(output));
}

function keyIn(output: string): PublicKey {
  const key = publicKeyIn(output, "ssh-ed25519");
  if (key === undefined)
    throw new Error("the box did not report its host key: run `pulumi refresh`, and then `pulumi up` again");
  return key;
}

/** Lines of known_hosts (sshd(8)). */
export function knownHostsOf({ name, address, host, hostKey }: Access): string {
  return knownHostsLine([aliasOf(name, host), ...(address === undefined ? [] : [checked(address)])], keyIn(hostKey));
}

/** A self-contained ssh_config(5) entry: KnownHostsCommand provides the key, and the host is the jump host. */
export function sshConfigOf({ name, address, user, host, hostKey, forwardAgent }: Access): string {
  const jump = jumpOf(name, host);
  const box = sshConfigEntry(name, [
    ["HostName", hostArgument(address === undefined ? name : checked(address))],
    ["User", userArgument(user)],
    ...(jump.proxy === undefined ? [] : [["ProxyJump", jumpArgument([jump.proxy])] as const]),
    ["HostKeyAlias", argument(aliasOf(name, host))],
    ["HostKeyAlgorithms", argument("ssh-ed25519")],
    ["KnownHostsCommand", commandLine(`/bin/echo ${aliasOf(name, host)} ${hostKeyIn(hostKey)}`)],
    ...(forwardAgent ? [["ForwardAgent", argument("yes")] as const] : []),
  ]);
  return [jump.entry, box].filter((entry) => entry !== "").join("\n");
}

/** The host reports it. What it says goes into a file that can run commands. */
function checked(address: string): string {
  if (isIP(address) === 0)
    throw new Error(`the host reported ${JSON.stringify(address)} as the address of the box, which is none`);
  return address;
}

/** Two hosts may have boxes with the same name. */
function aliasOf(name: string, { connection }: HostRef): string {
  return `${name}.${connection.host.replace(/[^A-Za-z0-9.-]/g, "-")}`;
}

interface Jump {
  readonly proxy: Hop | undefined;
  /** An entry for a host that ProxyJump alone cannot describe. */
  readonly entry: string;
}

function jumpOf(name: string, { connection }: HostRef): Jump {
  const { host, user, port, privateKeyPath, certificatePath, knownHostsFile, jump, proxyCommand } = connection;
  if (host === "local") return { proxy: undefined, entry: "" };
  const more = [
    ...(privateKeyPath === undefined ? [] : [["IdentityFile", argument(privateKeyPath)] as const]),
    ...(certificatePath === undefined ? [] : [["CertificateFile", argument(certificatePath)] as const]),
    ...(knownHostsFile === undefined ? [] : [["UserKnownHostsFile", plainArgument(knownHostsFile)] as const]),
    ...(proxyCommand === undefined ? [] : [["ProxyCommand", commandLine(proxyCommand)] as const]),
    ...(jump === undefined ? [] : [["ProxyJump", jumpArgument(hopsOf(jump))] as const]),
  ];
  if (more.length === 0) return { proxy: { host, user, port }, entry: "" };
  const alias = `${name}-host`;
  const entry = sshConfigEntry(alias, [
    ["HostName", hostArgument(host)],
    ...(user === undefined ? [] : [["User", userArgument(user)] as const]),
    ...(port === undefined ? [] : [["Port", argument(`${port}`)] as const]),
    ...more,
  ]);
  return { proxy: { host: alias }, entry };
}

function hopsOf(jump: NonNullable<HostRef["connection"]["jump"]>): Hop[] {
  const chain = typeof jump === "string" ? [jump] : jump;
  return chain.map((one) => (typeof one === "string" ? parseHost(one) : one));
}
