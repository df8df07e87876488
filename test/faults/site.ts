import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Connection } from "../../provider/remote";
import { command } from "../../scripts/tools/command";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { Gate } from "./gate";

/** Who logs in for the stack under test, so that sudo can be revoked; each of its scripts passes through the gate. */
const USER = "ops";

/** A host that is broken, and the network in front of it. */
export class Site {
  private readonly saved = new Set<string>();

  private constructor(
    readonly host: TestHost,
    readonly proxy: TcpProxy,
    readonly gate: Gate,
  ) {}

  /** Takes over a host that is up and prepares it; `more` is shell that its root runs before a reboot. */
  static async make(host: TestHost, more = ":"): Promise<Site> {
    const site = new Site(host, await startProxy({ host: host.address, port: host.port }), new Gate(host));
    try {
      await site.gate.install(USER);
      await host.sh(more);
      // The first boot runs services that no later boot runs.
      await host.reboot();
      return site;
    } catch (error) {
      await site.dispose();
      throw error;
    }
  }

  /** How the program under test reaches it: through the proxy. */
  get connection(): Readonly<Record<string, unknown>> {
    const { knownHostsFile: _, ...direct } = connectionTo(this.host, USER);
    const { address, port } = this.proxy;
    return impatient({ ...direct, host: address, port, hostKey: [this.host.hostKey] });
  }

  has(name: string): boolean {
    return this.saved.has(name);
  }

  /** Shuts the host down, copies its disks, and boots it again. */
  async save(name: string): Promise<void> {
    const directory = this.directoryOf(name);
    await this.host.shutDown();
    // Not `recursive`: after an interruption the host may be gone, and its directory must not come back.
    await mkdir(join(this.host.directory, "saved")).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await mkdir(directory);
    for (const image of this.host.images) await copySparse(image, join(directory, basename(image)));
    this.saved.add(name);
    await this.host.powerOn();
  }

  /** Brings back what was saved, whatever has become of the host since. */
  async restore(name: string): Promise<void> {
    const directory = this.directoryOf(name);
    this.proxy.resume();
    await this.host.powerOff();
    for (const image of this.host.images) await copySparse(join(directory, basename(image)), image);
    await this.host.powerOn();
  }

  async forget(name: string): Promise<void> {
    if (!this.saved.delete(name)) return;
    await command("rm", ["-rf", this.directoryOf(name)]);
  }

  async dispose(): Promise<void> {
    await this.proxy.close();
    await this.host.down();
  }

  /** Below the host's own directory, so that it goes away with the host. */
  directoryOf(name: string): string {
    return join(this.host.directory, "saved", name);
  }
}

/** A connection that tries for seconds where a user's tries for minutes, as plain JSON. */
export function impatient(connection: Connection): Readonly<Record<string, unknown>> {
  const dial = { retries: 3, timeoutSeconds: 5, totalSeconds: 20 };
  return { ...connection, dial, keepAliveSeconds: 3 };
}

async function copySparse(from: string, to: string): Promise<void> {
  await command("cp", ["--sparse=always", "--reflink=auto", from, to]);
}
