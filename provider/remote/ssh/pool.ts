import { createHash } from "node:crypto";
import { type Credentials, credentialsFingerprint } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import type { OnWaiting } from "../execution/executor";
import { Queue } from "../execution/queue";
import { describeResolved, type ResolvedConnection, type Retries } from "../ssh-config/resolved-connection";
import type * as Dial from "./dial";
import { forwardFailure, hopFailure } from "./dial-failures";
import { Link } from "./link";
import { retry } from "./retry";
import { openProxyCommand, openTcp } from "./transport";

const REPORT_SECONDS = 5;
/** Even if a host was silent for long before its connection counted as lost, there is time for some tries. */
const LEAST_RECONNECT_SECONDS = 20;

interface Dialing {
  readonly started: number;
  readonly link: Promise<Link>;
}

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
  private dialing: Dialing | undefined;
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
   * The connection, which is opened if there is none. Many may wait for the same login. While it takes long,
   * `onWaiting` is called every few seconds with what is happening.
   *
   * @throws DialFailure
   */
  async connect(onWaiting: OnWaiting = () => {}): Promise<Link> {
    if (this.link?.alive) return this.link;
    if (this.recent && Date.now() < this.recent.until) throw this.recent.failure;
    this.dialing ??= {
      started: Date.now(),
      link: this.dialAndRemember().finally(() => {
        this.dialing = undefined;
      }),
    };
    const { started, link } = this.dialing;
    const report = () => onWaiting(this.describeDialing(started));
    if (this.link?.lost) report();
    const timer = setInterval(report, REPORT_SECONDS * 1000);
    try {
      return await link;
    } finally {
      clearInterval(timer);
    }
  }

  private describeDialing(started: number): string {
    const name = describeResolved(this.resolved);
    const lost = this.link?.lost;
    const seconds = Math.round((lost?.silentSeconds ?? 0) + (Date.now() - started) / 1000);
    return lost === undefined
      ? `connecting to ${name}, ${seconds} s`
      : `the connection to ${name} was lost; connecting again, ${seconds} s`;
  }

  close(): void {
    this.closed = true;
    this.link?.close("it was closed here");
  }

  private async dialAndRemember(): Promise<Link> {
    const started = Date.now();
    try {
      this.link = await retry(this.retries(), (seconds) => this.dialOnce(seconds));
    } catch (thrown) {
      const error = this.explained(thrown);
      if (error instanceof DialFailure) this.recent = { failure: error, until: Date.now() + holdOff(error, started) };
      throw error;
    }
    if (this.closed) this.close();
    return this.link;
  }

  private retries(): Retries {
    const { retries, reconnect } = this.resolved;
    const lost = this.link?.lost;
    if (lost === undefined) return retries;
    const left = Math.max(LEAST_RECONNECT_SECONDS, reconnect.seconds - lost.silentSeconds);
    return { ...reconnect, seconds: Math.min(left, reconnect.seconds) };
  }

  /** Where a connection was lost, that is what happened; why there is no other one comes after it. */
  private explained(thrown: unknown): unknown {
    const lost = this.link?.lost?.why;
    if (lost === undefined || !(thrown instanceof DialFailure) || thrown.kind !== "unreachable") return thrown;
    const { happened, advice = "" } = thrown.parts;
    const again = "Then run `pulumi up` again: what is already done is found and kept.";
    return new DialFailure(
      thrown.kind,
      {
        ...thrown.parts,
        happened: `the connection was lost (${lost}), and there is no other one: ${happened}`,
        advice: `${advice} ${again}`.trim(),
      },
      thrown.again,
    );
  }

  private dialOnce(seconds: number): Promise<Link> {
    if (this.closed) throw new DialFailure("unreachable", { happened: "the connection was closed here" });
    dials += 1;
    const { via, proxyCommand, host, port } = this.resolved;
    if (via) return this.dialThrough(via, seconds);
    if (proxyCommand !== undefined) return this.dialBy(seconds, async () => openProxyCommand(proxyCommand));
    return this.dialBy(seconds, (signal) => openTcp(host, port, signal));
  }

  private async dialThrough(via: ResolvedConnection, seconds: number): Promise<Link> {
    const { host, port } = this.resolved;
    const hop = await pooledHost(via, keysOnly(this.credentials))
      .connect()
      .catch((error: unknown) => {
        throw hopFailure(via, error);
      });
    return hop.use(() =>
      this.dialBy(
        seconds,
        async () => {
          try {
            return await hop.forward(host, port);
          } catch (error) {
            throw forwardFailure(via, error);
          }
        },
        hop,
      ),
    );
  }

  private async dialBy(seconds: number, open: Dial.Open, hop?: Link): Promise<Link> {
    // A program, and a preview that contacts no host, need no SSH client, which takes a tenth of a second to load.
    const { dial }: typeof Dial = require("./dial");
    const dialSeconds = Math.min(this.resolved.dialSeconds, Math.ceil(seconds));
    return new Link(this.resolved, await dial({ ...this.resolved, dialSeconds }, this.credentials, open), hop);
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
