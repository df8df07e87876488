import * as nspawn from "pulumi-nspawn";
import {
  dataSchema,
  type HostModel,
  type MachineModel,
  type MountModel,
  type NetworkModel,
  type ProvisionModel,
  type RootModel,
} from "./schema";

/** Short, because a fault may make an operation wait for all of it; long enough for several hosts on two processors. */
const timeouts = { create: 240, update: 240, delete: 120, read: 60 };

/** What the project's `index.js` runs: the program that the environment describes. */
export function run(text: string | undefined): void {
  const { model, connections } = dataSchema.parse(JSON.parse(text ?? ""));
  for (const [index, declared] of model.entries()) {
    const prefix = `h${index + 1}-`;
    const connection = { host: "", ...connections[index] };
    define({ host: new nspawn.Host(`${prefix}server`, { connection, timeouts }), prefix }, declared);
  }
}

/** Where the resources of one host go, and how their logical names begin. */
interface Scope {
  readonly host: nspawn.Host;
  readonly prefix: string;
}

function define(scope: Scope, { networks, roots, mounts, machines, provisions }: HostModel): void {
  const available = {
    networks: each(networks, (name, inputs) => networkOf(scope, name, inputs)),
    roots: each(roots, (name, inputs) => rootOf(scope, name, inputs)),
    mounts: each(mounts, (name, inputs) => mountOf(scope, name, inputs)),
  };
  const boxes = each(machines, (name, inputs) => machineOf(scope, name, inputs, available));
  each(provisions, (name, inputs) => provisionOf(scope, name, inputs, named(boxes, inputs.machine)));
}

function networkOf({ host, prefix }: Scope, name: string, inputs: NetworkModel): nspawn.VethNetwork {
  return new nspawn.VethNetwork(`${prefix}${name}`, { host, name, ...inputs, timeouts });
}

function rootOf({ host, prefix }: Scope, name: string, { hostname, content }: RootModel): nspawn.DebianRootfs {
  const files = [{ path: "/etc/soak", content: `${content}\n` }];
  return new nspawn.DebianRootfs(`${prefix}${name}`, { host, name, hostname, files, dataLoss: "allow", timeouts });
}

function mountOf({ host, prefix }: Scope, name: string, { source, readOnly, mode }: MountModel): nspawn.BindMount {
  const target = `/${name}`;
  return new nspawn.BindMount(`${prefix}${name}`, { host, source, target, readOnly, create: { mode }, timeouts });
}

/** What a machine is made of, by name. */
interface Available {
  readonly networks: ReadonlyMap<string, nspawn.VethNetwork>;
  readonly roots: ReadonlyMap<string, nspawn.DebianRootfs>;
  readonly mounts: ReadonlyMap<string, nspawn.BindMount>;
}

function machineOf({ prefix }: Scope, name: string, inputs: MachineModel, available: Available): nspawn.NspawnMachine {
  const { root, networks, mounts, memory, tasks, stage, ephemeral, running, autostart } = inputs;
  const attached = Object.entries(networks).map(([network, port]) =>
    named(available.networks, network).attach(port === null ? {} : { ports: [`${port}:80`] }),
  );
  return new nspawn.NspawnMachine(`${prefix}${name}`, {
    name,
    rootfs: named(available.roots, root),
    networks: attached.length === 0 ? ["none"] : attached,
    mounts: mounts.map((mount) => named(available.mounts, mount)),
    ephemeral,
    running,
    autostart,
    limits: { memory, tasks },
    environment: { STAGE: stage },
    waitFor: attached.length === 0 ? "booted" : "networked",
    timeouts,
  });
}

function provisionOf(
  { prefix }: Scope,
  name: string,
  { content, step }: ProvisionModel,
  machine: nspawn.NspawnMachine,
): nspawn.Provision {
  return new nspawn.Provision(`${prefix}${name}`, {
    machine,
    files: [{ path: "/etc/soak-provision", content: `${content}\n` }],
    steps: [{ name: "note", run: `sleep 0.3; echo ${step} >>/var/lib/soak-steps` }],
    timeouts,
  });
}

function each<T, R>(items: Readonly<Record<string, T>>, make: (name: string, item: T) => R): ReadonlyMap<string, R> {
  return new Map(Object.entries(items).map(([name, item]) => [name, make(name, item)]));
}

function named<T>(resources: ReadonlyMap<string, T>, name: string): T {
  const found = resources.get(name);
  if (found === undefined) throw new Error(`the program has no "${name}"`);
  return found;
}
