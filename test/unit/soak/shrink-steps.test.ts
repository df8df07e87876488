import { changesBetween, emptyHost, hostOf } from "../../soak/model";
import { type Replay, shrinkSteps } from "../../soak/shrink-steps";
import type { Step, StepFault } from "../../soak/step";
import { full } from "./support";

const fault: StepFault = { name: "cut", host: 0, script: 1, moment: "before", milliseconds: 0, machine: "box1" };
const steps: Step[] = [
  { model: [emptyHost(), full] },
  { model: [full, full], reboot: 1 },
  { model: [full, emptyHost()], fault: { ...fault, host: 1 } },
  { model: [full, full], fault },
  {},
];
const late = Number.POSITIVE_INFINITY;
const silent = () => undefined;

test("only the steps that the failure needs are left, on the host that it needs", async () => {
  const replay: Replay = async (tried) =>
    tried.some(({ fault: one }) => one?.host === 0) && tried.at(-1)?.model === undefined ? ["h1 orphan: link x"] : [];
  const found = await shrinkSteps({ steps, problems: ["h1 orphan: unit y"] }, replay, late, silent);
  expect(found).toEqual([{ model: [full, emptyHost()], fault }, {}]);
});

test("another kind of failure is not the same one", async () => {
  const replay: Replay = async () => ["could not be run: no host"];
  expect(await shrinkSteps({ steps, problems: ["h2 lost: /y"] }, replay, late, silent)).toEqual(steps);
});

test("nothing is tried when the time is over", async () => {
  const replay = jest.fn(async () => ["lost: /x"]);
  expect(await shrinkSteps({ steps, problems: ["lost: /x"] }, replay, 0, silent)).toEqual(steps);
  expect(replay).not.toHaveBeenCalled();
});

test("a host that is emptied has no fault, reboot or replacement either", async () => {
  const replay: Replay = async (tried) =>
    tried.some(({ model }) => changesBetween(emptyHost(), hostOf(model, 0)).length > 0) ? ["lost: /x"] : [];
  const all = [{ model: [full, full], reboot: 1, fault: { ...fault, host: 1 }, replace: undefined }];
  expect(await shrinkSteps({ steps: all, problems: ["lost: /x"] }, replay, late, silent)).toEqual([
    { model: [full, emptyHost()] },
  ]);
});
