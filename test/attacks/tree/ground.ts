import assert from "node:assert/strict";
import { z } from "zod";
import type { Context } from "../../../provider/dynamic";
import { forgetInventory } from "../../../provider/host/inventory";
import { rootfsHandler } from "../../../provider/resources/debian-rootfs/rootfs-handler";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { targetOf } from "../../../provider/resources/on-host";
import { provisionHandler } from "../../../provider/resources/provision/provision-handler";
import { upWithBase } from "../../support/bases";
import type { Suite, TestHost } from "../../support/hosts";
import { type Bag, ProviderProcess } from "../../support/provider-process";
import { type Made, Roots } from "../../support/roots";

/** A file of the user alice in each machine, which a Provision keeps. */
export const FILE = "/home/alice/settings";
export const BAD_TREE = "/var/lib/machines/bad";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice";

const bagSchema = z.record(z.string(), z.json());

export const context = (urn: string): Context => ({
  urn,
  secretInputs: [],
  progress: () => {},
  note: () => {},
  warn: () => {},
});

interface Guest {
  root: Made;
  readonly machine: Awaited<ReturnType<typeof makeMachine>>;
  readonly provision: Awaited<ReturnType<typeof makeProvision>>;
}

/** A host with two machines, "bad" and "good", whose resources are handled as the adapter does it. */
export class TreeGround {
  private constructor(
    readonly host: TestHost,
    readonly roots: Roots,
    readonly bad: Guest,
    readonly good: Guest,
  ) {}

  static async make(suite: Suite): Promise<TreeGround> {
    const host = await upWithBase({ name: `hostile-tree-${suite}`, suite });
    try {
      const roots = new Roots(host);
      return new TreeGround(host, roots, await makeGuest(roots, "bad"), await makeGuest(roots, "good"));
    } catch (error) {
      await host.down();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.host.down();
  }

  /** Runs a script as root of the guest, by another shell than the one that Pulumi runs there. */
  async inBad(script: string): Promise<string> {
    await this.write("/srv/attack", `set -e\n${script}\n`);
    const run = "systemd-run -q -M bad --pipe --wait --collect --service-type=exec /bin/bash /srv/attack";
    return (await this.host.sh(run)).trim();
  }

  /** Writes a file in the guest's tree. */
  async write(path: string, text: string, mode = "644"): Promise<void> {
    const file = `${BAD_TREE}${path}`;
    await this.host.sh(
      `base64 -d >${file} <<END && chmod ${mode} ${file}\n${Buffer.from(text).toString("base64")}\nEND`,
    );
  }

  /** Starts the real provider process for as long as something is done with it. */
  async withProvider<T>(use: (provider: ProviderProcess) => Promise<T>): Promise<T> {
    const provider = await ProviderProcess.start();
    try {
      return await use(provider);
    } finally {
      await provider.stop();
    }
  }

  /** What one refresh finds of the bad guest; all of the good one is always found as it should be. */
  async refreshed() {
    forgetInventory(targetOf(this.bad.root.state));
    const bad = await read(this.bad);
    const { machine, provision, root } = await read(this.good);
    assert.deepEqual(
      [machine.state, machine.drift, provision.drift, root.drift],
      ["running", {}, {}, {}],
      "another machine is not found as it is",
    );
    return bad;
  }

  /** Boots the machine again, whatever its init does: the start after a kill may fail because of what the kill left. */
  async restartBad(): Promise<void> {
    const unit = "systemd-nspawn@bad.service";
    await this.host.sh(
      `systemctl kill -s KILL ${unit} 2>/dev/null || :; systemctl restart ${unit} || systemctl restart ${unit}`,
    );
    assert.match(await this.roots.boot("bad"), /^(running|degraded)$/);
  }

  async updateBad(extra: Record<string, unknown>): Promise<void> {
    this.bad.root = await this.roots.update(this.bad.root, extra);
  }
}

async function makeGuest(roots: Roots, name: string): Promise<Guest> {
  const root = await roots.create({ name, suite: "trixie" });
  const machine = await makeMachine(roots, name, root.id);
  return { root, machine, provision: await makeProvision(roots, name, root.id) };
}

async function makeMachine(roots: Roots, name: string, rootfs: string) {
  const inputs = machineHandler.inputs.parse({ ...roots.inputs({ name }), rootName: name, rootfs });
  const { id, outputs } = await machineHandler.create(inputs, context(`urn:machine-${name}`));
  return { id, state: { ...inputs, ...outputs } };
}

async function makeProvision(roots: Roots, name: string, rootfs: string) {
  const inputs = provisionHandler.inputs.parse({
    host: roots.inputs({ name }).host,
    name,
    machine: `systemd-nspawn@${name}.service`,
    rootfs,
    users: [{ name: "alice", uid: 1500, authorizedKeys: [KEY] }],
    files: [{ path: FILE, content: "x\n", owner: "alice", group: "alice", mode: "0600" }],
  });
  const { id, outputs } = await provisionHandler.create(inputs, context(`urn:provision-${name}`));
  return { id, state: { ...inputs, ...outputs } };
}

async function read({ machine, provision, root }: Guest) {
  const one = await machineHandler.read(machine.id, machine.state, context("urn:x"));
  const other = await provisionHandler.read(provision.id, provision.state, context("urn:x"));
  const tree = await rootfsHandler.read(root.id, root.state, context("urn:x"));
  if (one === "gone" || other === "gone" || tree === "gone") throw new Error("something is gone");
  return { machine: one, provision: other, root: tree };
}

/** A state as the engine sends it to the provider process. */
export function bagOf(state: object): Bag {
  return bagSchema.parse(JSON.parse(JSON.stringify(state)));
}
