/** How often to try again after the first try, and for how long in total. */
export interface Retries {
  readonly count: number;
  readonly seconds: number;
  /** The longest wait between two tries. */
  readonly longestWaitSeconds: number;
}

/** How ssh will actually reach a host: the connection, the user's ssh_config and the defaults combined. */
export interface ResolvedConnection {
  /** The host as the connection names it. */
  readonly original: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A different name for it in known_hosts. */
  readonly hostKeyAlias: string | undefined;
  /** Keys from the connection itself; if there are any, no known_hosts file is read. */
  readonly hostKeys: readonly string[];
  readonly hostKeyChecking: "strict" | "accept-new" | "off";
  /** The user's files first: a new key is added to the first file. */
  readonly knownHostsFiles: readonly string[];
  readonly hashKnownHosts: boolean;
  /** A file of keys that no host may have. */
  readonly revokedHostKeys: string | undefined;
  readonly identityFiles: readonly string[];
  /** Whether the identity files were named explicitly: then a missing one is worth reporting. */
  readonly identityFilesNamed: boolean;
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly agent: string | undefined;
  readonly agentIdentity: string | undefined;
  readonly proxyCommand: string | undefined;
  /** The jump host before this one. */
  readonly via: ResolvedConnection | undefined;
  /** Arguments of the user's own ssh, if that connects; it reads all else by itself. */
  readonly openssh: readonly string[] | undefined;
  /** Seconds for one try to log in. */
  readonly dialSeconds: number;
  /** For a host that this process has not reached yet: it may still be booting. */
  readonly retries: Retries;
  /** For a host to which the connection was lost; its time begins when the host was last heard of. */
  readonly reconnect: Retries;
  readonly keepAlive: { readonly seconds: number; readonly count: number };
}

/** `user@host:port`, with its jump hosts. */
export function describeResolved(resolved: ResolvedConnection): string {
  const { user, host, port, via } = resolved;
  const name = `${user}@${host.includes(":") ? `[${host}]` : host}:${port}`;
  return via ? `${name} (via ${describeResolved(via)})` : name;
}
