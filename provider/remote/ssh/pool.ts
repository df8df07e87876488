import { createHash } from "node:crypto";
import { type Credentials, credentialsFingerprint } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import { Queue } from "../execution/queue";
import type { ResolvedConnection } from "../ssh-config/resolved-connection";
import type * as Dial from "./dial";
import { forwardFailure, hopFailure } from "./dial-failures";
import { Link } from "./link";
import { retry } from "./retry";
import { openProxyCommand, openTcp } from "./transport";

const hosts = new Map<string, PooledHost>();
let dials = 0;

/** The host in this process's pool; two that differ in anything relevant, even a policy, are separate. */
export function pooledHost(resolved: ResolvedConnection, credentials: Credentials): PooledHost {
  const key = createHash("sha256")
    .update(JSON.stringify([resolved, credentialsFingerprint(credentials)]))
    .digest("hex");
  const found = hosts.get(key) ?? new PooledHost(resolved, credentials);
  hosts.set(key, found);
  return found;
}

/** How many connections are open now. */
export function connectionCount(): number {
  return [...hosts.values()].filter((host) => host.connected).length;
}

/** How many logins this process has tried so far. */
export function dialCount(): number {
  return dials;
}

/** Closes every connection; what runs on one fails, and the next operation dials again. */
export function closeConnections(): void {
  for (const host of hosts.values()) host.close();
  hosts.clear();
}

/** One host as this process reaches it: at most one connection, and the queue in front of it. */
export class PooledHost {
  readonly queue = new Queue();
  private link: Link | undefined;
  private dialing: Promise<Link> | undefined;
  private recent: { readonly failure: DialFailure; readonly until: number } | undefined;
  private closed = false;

  constructor(
    private readonly resolved: ResolvedConnection,
    private readonly credentials: Credentials,
  ) {}

  get connected(): boolean {
    return this.link?.alive === true;
  }

  /**
   * The connection, which is opened if there is none. Many may wait for the same login.
   *
   * @throws DialFailure
   */
  async connect(): Promise<Link> {
    if (this.link?.alive) return this.link;
    if (this.recent && Date.now() < this.recent.until) throw this.recent.failure;
    this.dialing ??= this.dialAndRemember().finally(() => {
      this.dialing = undefined;
    });
    return this.dialing;
  }

  close(): void {
    this.closed = true;
    this.link?.close("it was closed here");
  }

  private async dialAndRemember(): Promise<Link> {
    const started = Date.now();
    try {
      this.link = await retry(this.resolved.retries, () => this.dialOnce());
    } catch (error) {
      if (error instanceof DialFailure) this.recent = { failure: error, until: Date.now() + holdOff(error, started) };
      throw error;
    }
    if (this.closed) this.close();
    return this.link;
  }

  private dialOnce(): Promise<Link> {
    if (this.closed) throw new DialFailure("unreachable", { happened: "the connection was closed here" });
    dials += 1;
    const { via, proxyCommand, host, port } = this.resolved;
    if (via) return this.dialThrough(via);
    if (proxyCommand !== undefined) return this.dialBy(async () => openProxyCommand(proxyCommand));
    return this.dialBy((signal) => openTcp(host, port, signal));
  }

  private async dialThrough(via: ResolvedConnection): Promise<Link> {
    const { host, port } = this.resolved;
    const hop = await pooledHost(via, keysOnly(this.credentials))
      .connect()
      .catch((error: unknown) => {
        throw hopFailure(via, error);
      });
    return hop.use(() =>
      this.dialBy(async () => {
        try {
          return await hop.forward(host, port);
        } catch (error) {
          throw forwardFailure(via, error);
        }
      }, hop),
    );
  }

  private async dialBy(open: Dial.Open, hop?: Link): Promise<Link> {
    // A program, and a preview that contacts no host, need no SSH client, which takes a tenth of a second to load.
    const { dial }: typeof Dial = require("./dial");
    return new Link(this.resolved, await dial(this.resolved, this.credentials, open), hop);
  }
}

// A password is only for the host itself: a jump host could keep it.
function keysOnly({ privateKey, privateKeyPassphrase, certificate }: Credentials): Credentials {
  return { privateKey, privateKeyPassphrase, certificate };
}

/**
 * How long to reuse a failure before the next try, in milliseconds. Hundreds of resources may ask for one host: if each
 * waited for the same time-out, that would take hours, and if each had its login refused, this address would be locked
 * out.
 */
function holdOff(failure: DialFailure, started: number): number {
  const longest = 60_000;
  return failure.kind === "unreachable" ? Math.min(longest, Date.now() - started) : longest / 2;
}
