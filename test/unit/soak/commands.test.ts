import { commandsOf } from "../../soak/commands";
import { emptyHost } from "../../soak/model";
import type { Step, StepFault } from "../../soak/step";
import { box, full } from "./support";

const fault: StepFault = { name: "cut", host: 0, script: 1, moment: "before", milliseconds: 0, machine: "box1" };
const model = [full];
const replace = { host: 0, kind: "roots", name: "box1" } as const;
const lazy = [{ ...full, machines: { box1: { ...box, autostart: false } } }];

const first = (step: Step, before = model) => commandsOf(step, before).first.join(" ");
const healing = (step: Step, before = model) => commandsOf(step, before).healing?.join(" ");

test("a step without a program destroys everything, whatever happens to it", () => {
  expect(first({ fault })).toBe("destroy --yes --skip-preview");
  expect(healing({ fault })).toBe("destroy --yes --skip-preview");
});

test("what heals is plain", () => {
  expect(first({ model, replace, fault })).toBe("up --yes --skip-preview --replace **DebianRootfs::h1-box1");
  expect(healing({ model, replace, fault })).toBe("up --yes --skip-preview");
});

test("a change without a fault needs nothing that heals it, a forced replacement may", () => {
  expect(healing({ model })).toBeUndefined();
  expect(healing({})).toBeUndefined();
  expect(healing({ model, replace })).toBe("up --yes --skip-preview");
});

test("what is not in both programs is not replaced, as a step before may have been left out", () => {
  expect(first({ model, replace }, [emptyHost()])).toBe("up --yes --skip-preview");
});

test("only a refresh sees that a machine did not come back with its host", () => {
  expect(first({ model, reboot: 0 })).toBe("up --yes --skip-preview");
  expect(first({ model: lazy, reboot: 0 })).toBe("up --yes --skip-preview --refresh");
  expect(first({ model, reboot: 0 }, lazy)).toBe("up --yes --skip-preview --refresh");
  expect(healing({ model: lazy, fault: { ...fault, name: "power" } })).toBe("up --yes --skip-preview --refresh");
  expect(healing({ model: lazy, fault })).toBe("up --yes --skip-preview");
});

test("only a refresh sees what a person did", () => {
  expect(healing({ model, fault: { ...fault, name: "machinectl" } })).toBe("up --yes --skip-preview --refresh");
});

test("a refresh heals, and is not what the fault happens to", () => {
  expect(first({ model: lazy, fault: { ...fault, name: "power" } })).toBe("up --yes --skip-preview");
});
