import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { listen } from "../listen";

export interface ProxyOptions {
  readonly host: string;
  readonly port: number;
  /** How long a packet takes each way: a round trip takes twice as long. @default 0 */
  readonly delayMs?: number;
  /** Resets a connection after this many bytes, both directions together. @default never */
  readonly cutAfterBytes?: number;
}

/** A TCP proxy that degrades the network in front of a server: it works on any kernel, while netem needs a module. */
export interface TcpProxy {
  readonly address: string;
  readonly port: number;
  /** Resets all open connections; new ones are accepted. */
  cut(): void;
  /** Resets all open connections, and each new one until {@link resume}. */
  refuse(): void;
  /** Lets nothing through, or nothing from the server, and closes nothing. */
  stall(what?: "all" | "answers"): void;
  resume(): void;
  /** How many connections were accepted in total. */
  connections(): number;
  /** How many connections are open now. */
  openConnections(): number;
  close(): Promise<void>;
}

const bufferedAtMost = 4 * 1024 * 1024;

export async function startProxy(options: ProxyOptions): Promise<TcpProxy> {
  const open = new Set<Connection>();
  let taken = 0;
  let stalled: "all" | "answers" | undefined;
  let refusing = false;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    taken += 1;
    if (refusing) {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const connection = new Connection(client, options, () => open.delete(connection));
    open.add(connection);
    if (stalled) connection.stall(stalled);
  });
  const { address, port } = await listen(server);
  const cut = (): void => {
    for (const connection of [...open]) connection.cut();
  };

  return {
    address,
    port,
    cut,
    refuse() {
      refusing = true;
      cut();
    },
    stall(what = "all") {
      stalled = what;
      for (const connection of open) connection.stall(what);
    },
    resume() {
      stalled = undefined;
      refusing = false;
      for (const connection of open) connection.resume();
    },
    connections: () => taken,
    openConnections: () => open.size,
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

class Connection {
  private readonly server: Socket;
  private readonly directions: readonly [Direction, Direction];
  private bytes = 0;

  constructor(
    private readonly client: Socket,
    options: ProxyOptions,
    private readonly gone: () => void,
  ) {
    const delayMs = options.delayMs ?? 0;
    this.server = connect({ host: options.host, port: options.port, allowHalfOpen: true, noDelay: true });
    const count = (length: number): void => {
      this.bytes += length;
      if (this.bytes >= (options.cutAfterBytes ?? Number.POSITIVE_INFINITY)) this.cut();
    };
    // The client's connect returned at once; the part of a far server's handshake that it missed comes with the first
    // answer.
    this.directions = [
      new Direction(client, this.server, delayMs, 0, count),
      new Direction(this.server, client, delayMs, delayMs * 2, count),
    ];
    for (const socket of [client, this.server]) {
      socket.on("error", () => this.cut());
      socket.on("close", () => this.closed());
    }
  }

  stall(what: "all" | "answers"): void {
    const [questions, answers] = this.directions;
    if (what === "all") questions.stall();
    answers.stall();
  }

  resume(): void {
    for (const direction of this.directions) direction.resume();
  }

  cut(): void {
    for (const direction of this.directions) direction.drop();
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
    this.gone();
  }

  private closed(): void {
    if (this.client.closed && this.server.closed) this.gone();
  }
}

interface Parcel {
  /** Absent: the sender has nothing more to send. */
  readonly data?: Buffer;
  readonly due: number;
}

/** One direction through the proxy: data waits until it is due, and leaves in order. */
class Direction {
  private readonly parcels: Parcel[] = [];
  private readonly started = Date.now();
  private buffered = 0;
  private stalled = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly delayMs: number,
    private readonly firstDelayMs: number,
    private readonly count: (bytes: number) => void,
  ) {
    from.on("data", (data: Buffer) => this.take(data));
    from.on("end", () => this.take());
    to.on("drain", () => this.deliver());
  }

  stall(): void {
    this.stalled = true;
  }

  resume(): void {
    this.stalled = false;
    this.deliver();
  }

  drop(): void {
    clearTimeout(this.timer);
    this.parcels.length = 0;
  }

  private take(data?: Buffer): void {
    const due = Math.max(Date.now(), this.started + this.firstDelayMs) + this.delayMs;
    this.parcels.push({ data, due });
    this.buffered += data?.length ?? 0;
    if (this.buffered > bufferedAtMost) this.from.pause();
    this.deliver();
  }

  private deliver(): void {
    clearTimeout(this.timer);
    while (!this.stalled && !this.to.writableNeedDrain) {
      const next = this.parcels[0];
      if (!next) break;
      const wait = next.due - Date.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.deliver(), wait);
        return;
      }
      this.parcels.shift();
      this.send(next.data);
    }
    if (this.buffered <= bufferedAtMost) this.from.resume();
  }

  private send(data?: Buffer): void {
    if (!data) {
      this.to.end();
      return;
    }
    this.buffered -= data.length;
    this.to.write(data);
    this.count(data.length);
  }
}
