import { join } from "node:path";
import { keepBases, upWithKeptBases } from "../support/bases";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import type { TcpProxy } from "../support/hosts/proxy";
import type { Gate } from "./gate";
import { programOf } from "./programs";
import type { Program } from "./programs/program";
import { impatient, Site } from "./site";
import { FaultStack } from "./stack";

/** So few that all of them can be used up in a second; a root has some 12,000. */
const BYTES_PER_INODE = 131_072;

/** How often a base may be resumed while it is built, on a machine that is busy. */
const TRIES = 8;

/** Links that bridges may take: a host's only one would take its network with it. */
const CABLE = `
  printf '[NetDev]\\nName=cable1\\nKind=veth\\n[Peer]\\nName=cable2\\n' >/etc/systemd/network/20-cable.netdev
  printf '[Match]\\nName=cable*\\n[Network]\\nLinkLocalAddressing=no\\n' >/etc/systemd/network/20-cable.network`;

/** The host that is broken, and the stacks that use it. */
export class Ground {
  private constructor(
    private readonly site: Site,
    readonly stack: FaultStack,
    /** Another stack, of somebody else, on the same host. */
    readonly other: FaultStack,
  ) {}

  /** Boots the host, with the bases that these programs need. */
  static async make(programs: readonly Program[]): Promise<Ground> {
    const options = { name: "faults", suite: "trixie", bytesPerInode: BYTES_PER_INODE } as const;
    const bases = [...new Set(programs.flatMap((program) => program.bases ?? []))].map(programOf);
    const host = bases.length > 0 ? await upWithKeptBases(options) : await up(options);
    const site = await Site.make(host, CABLE);
    try {
      const stack = await FaultStack.create({ connection: site.connection, suffix: "" });
      const other = await FaultStack.create({ connection: impatient(connectionTo(host, "root")), suffix: "-two" });
      const ground = new Ground(site, stack, other);
      if (bases.length > 0) await ground.build(bases);
      return ground;
    } catch (error) {
      await site.dispose();
      throw error;
    }
  }

  get host(): TestHost {
    return this.site.host;
  }

  get proxy(): TcpProxy {
    return this.site.proxy;
  }

  get gate(): Gate {
    return this.site.gate;
  }

  has(name: string): boolean {
    return this.site.has(name);
  }

  /** Keeps the disks of the host and the stack's state. */
  async save(name: string): Promise<void> {
    await this.site.save(name);
    await this.stack.cli.save(this.stateOf(name));
  }

  /** Brings back what was saved, whatever has become of the host since. */
  async restore(name: string): Promise<void> {
    await this.stack.cli.restore(this.stateOf(name));
    await this.other.cli.empty();
    await this.site.restore(name);
  }

  async forget(name: string): Promise<void> {
    await this.site.forget(name);
  }

  /** Has each base built once, and keeps it for the next ground. */
  private async build(programs: readonly Program[]): Promise<void> {
    for (const program of programs) {
      for (const version of ["first", "replaced"] as const) {
        let made = await this.stack.up(program, version);
        // The programs have short timeouts; each run resumes the build where the one before left it.
        for (let tries = 1; !made.ok && tries < TRIES; tries += 1) made = await this.stack.up(program, version);
        if (!made.ok) throw new Error(`the bases of ${program.name} cannot be built:\n${made.text}`);
      }
      const gone = await this.stack.destroy(program, "replaced");
      if (!gone.ok) throw new Error(`${program.name} cannot be destroyed:\n${gone.text}`);
    }
    await keepBases(this.host);
    await this.stack.cli.empty();
  }

  async dispose(): Promise<void> {
    await this.stack.cli.dispose();
    await this.other.cli.dispose();
    await this.site.dispose();
  }

  private stateOf(name: string): string {
    return join(this.site.directoryOf(name), "state");
  }
}
