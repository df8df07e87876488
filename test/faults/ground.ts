import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { command } from "../../scripts/tools/command";
import { keepBases, upWithKeptBases } from "../support/bases";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { Gate } from "./gate";
import { programOf } from "./programs";
import type { Program } from "./programs/program";
import { FaultStack } from "./stack";

/** Who logs in for the stack under test, so that sudo can be revoked; each of its scripts passes through the gate. */
const USER = "ops";

/** So few that all of them can be used up in a second; a root has some 12,000. */
const BYTES_PER_INODE = 131_072;

/** How often a base may be resumed while it is built, on a machine that is busy. */
const TRIES = 8;

/** Links that bridges may take: a host's only one would take its network with it. */
const CABLE = `
  printf '[NetDev]\\nName=cable1\\nKind=veth\\n[Peer]\\nName=cable2\\n' >/etc/systemd/network/20-cable.netdev
  printf '[Match]\\nName=cable*\\n[Network]\\nLinkLocalAddressing=no\\n' >/etc/systemd/network/20-cable.network`;

/** The host that is broken, the network in front of it, and the stacks that use it. */
export class Ground {
  readonly gate: Gate;
  private readonly saved = new Set<string>();

  private constructor(
    readonly host: TestHost,
    readonly proxy: TcpProxy,
    readonly stack: FaultStack,
    /** Another stack, of somebody else, on the same host. */
    readonly other: FaultStack,
  ) {
    this.gate = new Gate(host);
  }

  /** Boots the host, with the bases that these programs need. */
  static async make(programs: readonly Program[]): Promise<Ground> {
    const options = { name: "faults", suite: "trixie", bytesPerInode: BYTES_PER_INODE } as const;
    const bases = [...new Set(programs.flatMap((program) => program.bases ?? []))].map(programOf);
    const host = bases.length > 0 ? await upWithKeptBases(options) : await up(options);
    try {
      const proxy = await startProxy({ host: host.address, port: host.port });
      const { address, port } = proxy;
      const through = {
        ...connectionTo(host, USER),
        host: address,
        port,
        hostKey: host.hostKey,
        knownHostsFile: undefined,
      };
      const stack = await FaultStack.create({ connection: JSON.parse(JSON.stringify(through)), suffix: "" });
      const other = await FaultStack.create({ connection: { ...connectionTo(host, "root") }, suffix: "-two" });
      const ground = new Ground(host, proxy, stack, other);
      await ground.gate.install(USER);
      await host.sh(CABLE);
      // The first boot runs services that no later boot runs.
      await host.reboot();
      if (bases.length > 0) await ground.build(bases);
      return ground;
    } catch (error) {
      await host.down();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.saved.has(name);
  }

  /** Shuts the host down, copies its disks and the stack's state, and boots it again. */
  async save(name: string): Promise<void> {
    const directory = this.directoryOf(name);
    await this.host.shutDown();
    // Not `recursive`: after an interruption the host may be gone, and its directory must not come back.
    await mkdir(join(this.host.directory, "saved")).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    await mkdir(directory);
    for (const image of this.host.images) await copySparse(image, join(directory, basename(image)));
    await this.stack.save(join(directory, "state"));
    this.saved.add(name);
    await this.host.powerOn();
  }

  /** Brings back what was saved, whatever has become of the host since. */
  async restore(name: string): Promise<void> {
    const directory = this.directoryOf(name);
    this.proxy.resume();
    await this.host.powerOff();
    for (const image of this.host.images) await copySparse(join(directory, basename(image)), image);
    await this.stack.restore(join(directory, "state"));
    await this.other.empty();
    await this.host.powerOn();
  }

  async forget(name: string): Promise<void> {
    if (!this.saved.delete(name)) return;
    await command("rm", ["-rf", this.directoryOf(name)]);
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
    await this.stack.empty();
  }

  async dispose(): Promise<void> {
    await this.stack.dispose();
    await this.other.dispose();
    await this.proxy.close();
    await this.host.down();
  }

  /** Below the host's own directory, so that it goes away with the host. */
  private directoryOf(name: string): string {
    return join(this.host.directory, "saved", name);
  }
}

async function copySparse(from: string, to: string): Promise<void> {
  await command("cp", ["--sparse=always", "--reflink=auto", from, to]);
}
