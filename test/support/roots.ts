import { setTimeout as pause } from "node:timers/promises";
import type { Context, Created } from "../../provider/dynamic";
import { forgetInventory } from "../../provider/host/inventory";
import type { Connection } from "../../provider/remote";
import { rootfsHandler } from "../../provider/resources/debian-rootfs/rootfs-handler";
import type { RootfsInputs, RootfsOutputs, RootfsState } from "../../provider/resources/debian-rootfs/rootfs-inputs";
import { targetOf } from "../../provider/resources/on-host";
import { connectionTo, type User } from "./connection";
import type { TestHost } from "./hosts";

/** A root that a test made, with its state as Pulumi would keep it. */
export interface Made {
  readonly id: string;
  readonly state: RootfsState;
}

/** The lifecycle of roots on one host, called as the adapter calls it. */
export class Roots {
  /** What the rows of the resources showed. */
  readonly reported: string[] = [];

  constructor(
    readonly host: TestHost,
    private readonly user: User = "root",
    /** What differs from the usual connection. */
    private readonly through: Partial<Connection> = {},
  ) {}

  /** Resolves when a row has shown a matching text. */
  async shows(text: RegExp): Promise<void> {
    while (!this.reported.some((row) => text.test(row))) await pause(50);
  }

  inputs(extra: Record<string, unknown>): RootfsInputs {
    const credentials = this.user === "careful" ? { becomePassword: this.host.carefulPassword } : undefined;
    const connection = { ...connectionTo(this.host, this.user), ...this.through };
    const host = { connection, onUnreachable: "fail" };
    return rootfsHandler.inputs.parse({ host, credentials, ...extra });
  }

  async create(extra: Record<string, unknown> & { name: string }, urn = urnOf(extra.name)): Promise<Made> {
    const inputs = this.inputs(extra);
    return made(inputs, await rootfsHandler.create(inputs, this.context(urn)));
  }

  async update({ id, state }: Made, extra: Record<string, unknown>): Promise<Made> {
    const inputs = this.inputs({ name: state.name, ...extra });
    const outputs = await rootfsHandler.update(id, state, inputs, this.context(urnOf(state.name)));
    return made(inputs, { id, outputs });
  }

  async read({ id, state }: Made): Promise<RootfsState | "gone"> {
    // A test changes the host behind the lifecycle's back: no operation announced the change.
    forgetInventory(targetOf(state));
    return rootfsHandler.read(id, state, this.context(urnOf(state.name)));
  }

  async delete({ id, state }: Made): Promise<void> {
    await rootfsHandler.delete(id, state, this.context(urnOf(state.name)));
  }

  /** Runs a command in a root that no machine runs from. */
  async inside(name: string, command: string): Promise<string> {
    const flags =
      "-q --as-pid2 --pipe --register=no --keep-unit --private-users=no --timezone=off --machine=test-inside";
    return (await this.host.sh(`systemd-nspawn ${flags} -D /var/lib/machines/${name} sh -c '${command}'`)).trim();
  }

  /** Boots a machine from a root with systemd's own tools, and returns its state after that. */
  async boot(name: string): Promise<string> {
    await this.host.sh(`systemctl start systemd-nspawn@${name}`);
    for (;;) {
      // Without --wait, which can miss the end of a boot that takes only half a second.
      const { stdout } = await this.host.exec(`timeout 10 systemctl -M ${name} is-system-running`);
      if (/^(running|degraded)$/m.test(stdout)) return stdout.trim();
      await pause(200);
    }
  }

  private context(urn: string): Context {
    return {
      urn,
      secretInputs: [],
      progress: (text) => this.reported.push(text),
      note: (text) => this.reported.push(`note: ${text}`),
      warn: (text) => this.reported.push(`warning: ${text}`),
    };
  }
}

export function urnOf(name: string): string {
  return `urn:pulumi:test::roots::pulumi-nodejs:dynamic/nspawn:DebianRootfs::${name}`;
}

function made(inputs: RootfsInputs, { id, outputs }: Created<RootfsOutputs>): Made {
  return { id, state: { ...inputs, ...outputs } };
}
