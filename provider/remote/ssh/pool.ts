import { createHash } from "node:crypto";
import { type Credentials, credentialsFingerprint } from "../connection/credentials";
import { DialFailure } from "../errors/dial-failure";
import type { OnWaiting } from "../execution/executor";
import type { Connected } from "../execution/link";
import { Queue } from "../execution/queue";
import { OpensshLink } from "../openssh/link";
import { describeResolved, type ResolvedConnection, type Retries } from "../ssh-config/resolved-connection";
import { refuseKeys } from "../ssh-config/ssh-arguments";
import type * as Dial from "./dial";
import { forwardFailure, hopFailure } from "./dial-failures";
import { Link } from "./link";
import { retry } from "./retry";
import { openProxyCommand, openTcp } from "./transport";

const REPORT_SECONDS = 5;
/** Even if a host was silent for long before its connection counted as lost, there is time for some tries. */
const LEAST_RECONNECT_SECONDS = 20;

interface Dialing<L> {
  readonly started: number;
  readonly link: Promise<L>;
}

/** Opens a connection, within so many seconds. */
type DialOnce<L> = (seconds: number) => Promise<L>;

const hosts = new Map<string, PooledHost<Link>>();
const opensshHosts = new Map<string, PooledHost<OpensshLink>>();
let dials = 0;

/** The host in this process's pool; two that differ in anything relevant, even a policy, are separate. */
export function pooledHost(resolved: ResolvedConnection, credentials: Credentials): PooledHost {
  const { openssh } = resolved;
  if (openssh === undefined) return pooled(hosts, resolved, credentials, () => sshHost(resolved, credentials));
  return pooled(opensshHosts, resolved, credentials, () => opensshHost(resolved, credentials, openssh));
}

/** The host outside of the pool. */
export function separateHost(resolved: ResolvedConnection, credentials: Credentials): PooledHost {
  const { openssh } = resolved;
  return openssh === undefined ? sshHost(resolved, credentials) : opensshHost(resolved, credentials, openssh);
}

function pooled<H>(pool: Map<string, H>, resolved: ResolvedConnection, credentials: Credentials, make: () => H): H {
  const key = createHash("sha256")
    .update(JSON.stringify([resolved, credentialsFingerprint(credentials)]))
    .digest("hex");
  const found = pool.get(key) ?? make();
  pool.set(key, found);
  return found;
}

/** How many connections are open now. */
export function connectionCount(): number {
  return everyHost().filter((host) => host.connected).length;
}

/** How many logins this process has tried so far. */
export function dialCount(): number {
  return dials;
}

/** Closes every connection; what runs on one fails, and the next operation dials again. */
export function closeConnections(): void {
  for (const host of everyHost()) host.close();
  hosts.clear();
  opensshHosts.clear();
}

function everyHost(): PooledHost[] {
  return [...hosts.values(), ...opensshHosts.values()];
}

/** One host as this process reaches it: at most one connection, and the queue in front of it. */
export class PooledHost<L extends Connected = Connected> {
  readonly queue = new Queue();
  private link: L | undefined;
  private dialing: Dialing<L> | undefined;
  private recent: { readonly failure: DialFailure; readonly until: number } | undefined;
  private closed = false;

  constructor(
    private readonly resolved: ResolvedConnection,
    private readonly dialOnce: DialOnce<L>,
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
  async connect(onWaiting: OnWaiting = () => {}): Promise<L> {
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

  private async dialAndRemember(): Promise<L> {
    const started = Date.now();
    try {
      this.link = await retry(this.retries(), (seconds) => this.dialNow(seconds));
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

  private dialNow(seconds: number): Promise<L> {
    if (this.closed) throw new DialFailure("unreachable", { happened: "the connection was closed here" });
    dials += 1;
    return this.dialOnce(seconds);
  }
}

/** A host that the user's own ssh connects to. */
function opensshHost(
  resolved: ResolvedConnection,
  credentials: Credentials,
  args: readonly string[],
): PooledHost<OpensshLink> {
  refuseKeys(credentials);
  const { original: host, keepAlive } = resolved;
  return new PooledHost(resolved, (seconds) =>
    OpensshLink.dial({ arguments: args, host, keepAlive, dialSeconds: patience(resolved, seconds) }),
  );
}

/** A host that this process connects to by itself. */
function sshHost(resolved: ResolvedConnection, credentials: Credentials): PooledHost<Link> {
  const { via, proxyCommand, host, port } = resolved;
  return new PooledHost(resolved, (seconds) => {
    if (via) return dialThrough(resolved, credentials, via, seconds);
    if (proxyCommand !== undefined)
      return dialBy(resolved, credentials, seconds, async () => openProxyCommand(proxyCommand));
    return dialBy(resolved, credentials, seconds, (signal) => openTcp(host, port, signal));
  });
}

async function dialThrough(
  resolved: ResolvedConnection,
  credentials: Credentials,
  via: ResolvedConnection,
  seconds: number,
): Promise<Link> {
  const { host, port } = resolved;
  const own = keysOnly(credentials);
  const hop = await pooled(hosts, via, own, () => sshHost(via, own))
    .connect()
    .catch((error: unknown) => {
      throw hopFailure(via, error);
    });
  const open = async () => {
    try {
      return await hop.forward(host, port);
    } catch (error) {
      throw forwardFailure(via, error);
    }
  };
  return hop.use(() => dialBy(resolved, credentials, seconds, open, hop));
}

async function dialBy(
  resolved: ResolvedConnection,
  credentials: Credentials,
  seconds: number,
  open: Dial.Open,
  hop?: Link,
): Promise<Link> {
  // A program, and a preview that contacts no host, need no SSH client, which takes a tenth of a second to load.
  const { dial }: typeof Dial = require("./dial");
  const dialSeconds = patience(resolved, seconds);
  return new Link(resolved, await dial({ ...resolved, dialSeconds }, credentials, open), hop);
}

function patience({ dialSeconds }: ResolvedConnection, seconds: number): number {
  return Math.min(dialSeconds, Math.ceil(seconds));
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
