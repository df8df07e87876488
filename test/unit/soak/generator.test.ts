import fc from "fast-check";
import { Dice } from "../../soak/dice";
import { firstModel, nextModel } from "../../soak/generator";
import { names } from "../../soak/names";
import { type HostModel, type Model, modelSchema } from "../../soak/programs/schema";

/** The programs of a random walk. */
function walk(seed: string, steps: number): Model[] {
  const dice = new Dice(seed);
  const programs = [firstModel(2, dice)];
  for (let step = 1; step < steps; step += 1) programs.push(nextModel(programs.at(-1) ?? [], dice));
  return programs;
}

const seeds = fc.nat().map(String);

function eachHost(check: (host: HostModel) => void): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      for (const host of walk(seed, 30).flat()) check(host);
    }),
    { numRuns: 10 },
  );
}

test("one seed gives the same programs each time, and another one others", () => {
  expect(walk("1", 10)).toEqual(walk("1", 10));
  expect(walk("2", 10)).not.toEqual(walk("1", 10));
});

test("each program is what the project that runs it reads, also as JSON", () => {
  for (const model of walk("1", 50)) expect(modelSchema.parse(JSON.parse(JSON.stringify(model)))).toEqual(model);
});

test("a machine has the root, networks and mounts that it names", () => {
  eachHost(({ roots, networks, mounts, machines }) => {
    for (const machine of Object.values(machines)) {
      expect(Object.keys(roots)).toContain(machine.root);
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(Object.keys(machine.networks)));
      expect(Object.keys(mounts)).toEqual(expect.arrayContaining(machine.mounts));
    }
  });
});

test("a machine that keeps what it writes has its root's name and nobody else's root", () => {
  eachHost(({ machines }) => {
    const persistent = Object.entries(machines).filter(([, { ephemeral }]) => !ephemeral);
    for (const [name, { root }] of persistent) expect(root).toBe(name);
    for (const { root } of Object.values(machines).filter(({ ephemeral }) => ephemeral)) expect(root).toBe("pool");
  });
});

test("a machine is provisioned only while it runs", () => {
  eachHost(({ machines, provisions }) => {
    for (const { machine } of Object.values(provisions)) expect(machines[machine]?.running).toBe(true);
  });
});

test("nothing that a host has once is declared twice, before or after a change", () => {
  const owners = new Map<string, string>();
  const claim = (what: string, owner: string) => {
    expect(owners.get(what) ?? owner).toBe(owner);
    owners.set(what, owner);
  };
  eachHost(({ networks, mounts, machines }) => {
    for (const [name, { subnet }] of Object.entries(networks)) claim(subnet, name);
    for (const [name, { source }] of Object.entries(mounts)) claim(source, name);
    for (const [name, machine] of Object.entries(machines))
      for (const port of Object.values(machine.networks)) if (port !== null) claim(`${port}`, name);
  });
});

test("all names are used, and everything is removed again at some time", () => {
  const hosts = Array.from({ length: 10 }, (_, seed) => walk(`${seed}`, 60)).flat(2);
  for (const kind of ["networks", "roots", "mounts", "machines", "provisions"] as const) {
    for (const name of names[kind]) {
      const declared = hosts.map((host) => name in host[kind]);
      expect(declared).toContain(true);
      expect(declared.some((is, index) => !is && declared[index - 2] === true)).toBe(true);
    }
  }
});
