import { isDeepStrictEqual } from "node:util";
import { faultOf } from "../../faults/faults";
import { Dice } from "../../soak/dice";
import { emptyModel, has, hostOf } from "../../soak/model";
import { nextStep, soakFaults } from "../../soak/next-step";
import type { Model } from "../../soak/programs/schema";
import { type Step, sequenceSchema } from "../../soak/step";

/** Steps with the program before each. */
function walk(seed: string, count: number): { before: Model; step: Step }[] {
  let before = emptyModel(3);
  return Array.from({ length: count }, (_, number) => {
    const step = nextStep(before, new Dice(`${seed}/${number}`));
    const one = { before, step };
    before = step.model ?? emptyModel(3);
    return one;
  });
}

const steps = walk("1", 2000);

test("one seed gives the same steps each time, and a file of them is read as they are", () => {
  expect(walk("1", 50)).toEqual(steps.slice(0, 50));
  const sequence = { hosts: 3, steps: steps.slice(0, 50).map(({ step }) => step) };
  expect(sequenceSchema.parse(JSON.parse(JSON.stringify(sequence)))).toEqual(sequence);
});

test("each fault, a forced replacement, a reboot and a destroy come up", () => {
  const faults = new Set(steps.map(({ step }) => step.fault?.name));
  expect(faults).toEqual(new Set([undefined, ...soakFaults]));
  const replaced = new Set(steps.map(({ step }) => step.replace?.kind));
  expect(replaced).toEqual(new Set([undefined, "hosts", "networks", "roots", "mounts", "machines", "provisions"]));
  expect(steps.some(({ step }) => step.reboot !== undefined)).toBe(true);
  expect(steps.some(({ step }) => step.model === undefined)).toBe(true);
});

test("a fault happens on a host where the run has something to do, at a moment that it can have", () => {
  for (const { before, step } of steps) {
    if (step.fault === undefined) continue;
    const { host, name, moment } = step.fault;
    const isBusy = !isDeepStrictEqual(hostOf(before, host), hostOf(step.model, host)) || step.replace?.host === host;
    expect(isBusy).toBe(true);
    expect(faultOf(name).moments).toContain(moment);
  }
});

test("a person only starts or ends a machine that the program declares", () => {
  const persons = steps.filter(({ step }) => step.fault?.name === "machinectl");
  expect(persons.length).toBeGreaterThan(0);
  for (const { step } of persons) {
    const { host = 0, machine = "" } = step.fault ?? {};
    expect(has(step.model, { host, kind: "machines", name: machine })).toBe(true);
  }
});

test("what is replaced was there before and stays", () => {
  for (const { before, step } of steps) {
    if (step.replace === undefined) continue;
    expect([has(before, step.replace), has(step.model, step.replace)]).toEqual([true, true]);
  }
});
