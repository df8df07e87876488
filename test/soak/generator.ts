import type { Dice } from "./dice";
import { emptyHost } from "./model";
import { names, portsOf, rootNameOf, sourcesOf, subnetsOf, WORDS } from "./names";
import type {
  HostModel,
  MachineModel,
  Model,
  MountModel,
  NetworkModel,
  ProvisionModel,
  RootModel,
} from "./programs/schema";

/** Machines have more inputs than the rest. */
const KINDS = ["networks", "roots", "mounts", "machines", "machines", "machines", "provisions"] as const;

/** Changes that make a first program: enough that a short run has something of everything. */
const FIRST_CHANGES = 5;

export function firstModel(hosts: number, dice: Dice): Model {
  return Array.from({ length: hosts }, () => {
    let host = emptyHost();
    for (let change = 0; change < FIRST_CHANGES; change += 1) host = changed(host, dice);
    return host;
  });
}

/** The next program: the one before with a few random changes, each of which a user could make. */
export function nextModel(model: Model, dice: Dice): Model {
  let next = model;
  for (let left = 1 + dice.below(4); left > 0; left -= 1) {
    const chosen = dice.below(next.length);
    next = next.map((host, index) => (index === chosen ? changed(host, dice) : host));
  }
  return next;
}

/** A host with one resource added, changed or removed, and without what depended on it. */
function changed(host: HostModel, dice: Dice): HostModel {
  switch (dice.pick(KINDS)) {
    case "networks":
      return settled({ ...host, networks: vary(host.networks, names.networks, networkOf, dice) });
    case "roots":
      return settled({ ...host, roots: vary(host.roots, names.roots, () => rootOf(dice), dice) });
    case "mounts":
      return settled({ ...host, mounts: vary(host.mounts, names.mounts, mountOf, dice) });
    case "machines":
      return settled(varyMachines(host, dice));
    case "provisions":
      return settled({ ...host, provisions: vary(host.provisions, names.provisions, provisionOf, dice) });
  }
}

/** Adds a named one if it is missing; else changes it, or removes it. */
function vary<T>(
  items: Readonly<Record<string, T>>,
  all: readonly string[],
  make: (name: string, dice: Dice) => T,
  dice: Dice,
): Record<string, T> {
  const name = dice.pick(all);
  if (name in items && dice.chance(0.3)) return without(items, name);
  return { ...items, [name]: make(name, dice) };
}

function without<T>(items: Readonly<Record<string, T>>, name: string): Record<string, T> {
  const { [name]: _, ...rest } = items;
  return rest;
}

/** A machine that is added brings the root that it runs from. */
function varyMachines(host: HostModel, dice: Dice): HostModel {
  const machines = vary(host.machines, names.machines, (name) => machineOf(name, host, dice), dice);
  const roots = { ...host.roots };
  for (const { root } of Object.values(machines)) roots[root] ??= rootOf(dice);
  return { ...host, machines, roots };
}

function networkOf(name: string, dice: Dice): NetworkModel {
  return {
    subnet: dice.pick(subnetsOf(name)),
    mode: dice.pick(["isolated", "zone"] as const),
    nat: dice.chance(0.7),
    dhcp: dice.chance(0.3),
  };
}

function rootOf(dice: Dice): RootModel {
  const hostname = dice.maybe(["soak-one", "soak-two"]);
  return { ...(hostname !== undefined && { hostname }), content: dice.pick(WORDS) };
}

function mountOf(name: string, dice: Dice): MountModel {
  return { source: dice.pick(sourcesOf(name)), mode: dice.pick(["0755", "0750"]), readOnly: dice.chance(0.2) };
}

function machineOf(name: string, host: HostModel, dice: Dice): MachineModel {
  const root = rootNameOf(name);
  const memory = dice.maybe(["300MiB", "400MiB"]);
  const tasks = dice.maybe([3000, 4000]);
  const networks = dice.some(Object.keys(host.networks)).map((network) => {
    const port = dice.chance(0.5) ? dice.pick(portsOf(name, network)) : null;
    return [network, port] as const;
  });
  return {
    root,
    ephemeral: root !== name,
    running: dice.chance(0.85),
    autostart: dice.chance(0.8),
    ...(memory !== undefined && { memory }),
    ...(tasks !== undefined && { tasks }),
    stage: dice.pick(WORDS),
    networks: Object.fromEntries(networks),
    mounts: dice.some(Object.keys(host.mounts)),
  };
}

function provisionOf(name: string, dice: Dice): ProvisionModel {
  return { machine: name.replace("work", "box"), content: dice.pick(WORDS), step: dice.pick(WORDS) };
}

/** Leaves out what a program cannot declare without something else that it does not declare. */
function settled(host: HostModel): HostModel {
  const machines = Object.fromEntries(
    Object.entries(host.machines)
      .filter(([, { root }]) => root in host.roots)
      .map(([name, machine]) => [name, attachedTo(machine, host)]),
  );
  const provisions = Object.fromEntries(
    Object.entries(host.provisions).filter(([, { machine }]) => machines[machine]?.running === true),
  );
  return { ...host, machines, provisions };
}

function attachedTo(machine: MachineModel, { networks, mounts }: HostModel): MachineModel {
  return {
    ...machine,
    networks: Object.fromEntries(Object.entries(machine.networks).filter(([name]) => name in networks)),
    mounts: machine.mounts.filter((name) => name in mounts),
  };
}
