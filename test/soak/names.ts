/**
 * All names that programs use. Few, so that a program soon has each of them, and that what is left of one that is gone
 * can be recognised anywhere on a host.
 */
export const names = {
  networks: ["net1", "net2"],
  roots: ["box1", "box2", "pool"],
  mounts: ["data1", "data2"],
  machines: ["box1", "box2", "fly1", "fly2"],
  provisions: ["work1", "work2"],
} as const;

/** Values without a meaning. */
export const WORDS = ["one", "two", "three"] as const;

/** Ephemeral machines share one root, which no other machine has: it would be busy. */
export function rootNameOf(machine: string): string {
  return machine.startsWith("fly") ? "pool" : machine;
}

/** No two networks may have the same subnet, so each chooses among its own. */
export function subnetsOf(network: string): string[] {
  return [1, 2].map((third) => `10.8${numberOf(network)}.${third}.0/24`);
}

/** A directory that stayed belongs to the mount that made it, so each chooses among its own. */
export function sourcesOf(mount: string): string[] {
  return ["one", "two"].map((word) => `/srv/soak/${mount}-${word}`);
}

/** A port must be free before another machine has it, so each link chooses among its own. */
export function portsOf(machine: string, network: string): number[] {
  const machines: readonly string[] = names.machines;
  const first = 8000 + 100 * (machines.indexOf(machine) + 1) + 10 * numberOf(network);
  return [first, first + 1];
}

function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}
