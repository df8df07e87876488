import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyModel } from "../../soak/model";
import { Results } from "../../soak/results";
import { replay } from "../../soak/run-sequence";
import { shrinkFailures } from "../../soak/shrink-failures";
import { soak } from "../../soak/soak";
import type { Step } from "../../soak/step";
import type { StepRunner } from "../../soak/step-runner";

/** Runs nothing, and fails where a step makes it fail. */
class PretendedRunner implements StepRunner {
  readonly hosts = 2;
  readonly ran: (Step | "reset")[] = [];
  model = emptyModel(2);

  constructor(private readonly problemsOf: (step: Step) => readonly string[] = () => []) {}

  async run(step: Step) {
    this.ran.push(step);
    this.model = step.model ?? emptyModel(2);
    return { problems: this.problemsOf(step), commands: [], tooLate: false };
  }

  async reset(): Promise<void> {
    this.ran.push("reset");
    this.model = emptyModel(2);
  }
}

let directory: string;
let results: Results;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-soak-"));
  results = await Results.in(directory, "seed-1", 2);
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate"], now: 0 });
});

afterEach(async () => {
  jest.useRealTimers();
  await rm(directory, { recursive: true });
});

const silent = () => undefined;
const never = () => false;
/** A log whose every line is a second. */
const tick = () => {
  jest.advanceTimersByTime(1000);
};
const run = (runner: StepRunner, seed = "1", seconds = 20, isInterrupted = never) =>
  soak(runner, { seed, deadline: seconds * 1000, isInterrupted }, results, tick);

test("in the end everything is destroyed, and no step begins after that", async () => {
  const runner = new PretendedRunner();
  expect(await run(runner)).toEqual([]);
  expect(runner.ran.at(-1)).toEqual({});
  expect([20, 21]).toContain(runner.ran.length);
});

test("one seed runs the same steps each time, and another one others", async () => {
  const [one, again, other] = [new PretendedRunner(), new PretendedRunner(), new PretendedRunner()];
  await run(one);
  jest.setSystemTime(0);
  await run(again);
  jest.setSystemTime(0);
  await run(other, "2");
  expect(again.ran).toEqual(one.ran);
  expect(other.ran).not.toEqual(one.ran);
});

test("a failure ends its sequence, which is kept, and the next one begins with fresh hosts", async () => {
  const runner = new PretendedRunner(({ fault }) => (fault === undefined ? [] : ["h1 lost: /x"]));
  const failures = await run(runner, "1", 30);
  expect(failures.length).toBeGreaterThan(1);
  for (const { steps, problems } of failures) {
    expect(problems).toEqual(["h1 lost: /x"]);
    expect(steps.map(({ fault }) => fault !== undefined).indexOf(true)).toBe(steps.length - 1);
  }
  expect(runner.ran.filter((one) => one === "reset")).toHaveLength(failures.length);
  const kept = (await readdir(directory)).filter((name) => name.includes("failure"));
  expect(kept).toHaveLength(failures.length);
});

test("an interruption ends it, and what it ended is no failure", async () => {
  const runner = new PretendedRunner(() => ["could not be run: the host is gone"]);
  expect(await run(runner, "1", 20, () => true)).toEqual([]);
  expect(runner.ran).toHaveLength(1);
});

test("each failure is shrunk and kept", async () => {
  const runner = new PretendedRunner(({ fault }) => (fault === undefined ? [] : ["h1 lost: /x"]));
  const failures = await run(runner, "1", 30);
  const found = await shrinkFailures(runner, failures, Number.POSITIVE_INFINITY, results, silent);
  expect(found.map(({ steps }) => steps.length)).toEqual(failures.map(() => 1));
  expect((await readdir(directory)).filter((name) => name.includes("shortest"))).toHaveLength(failures.length);
});

test("a replay begins with fresh hosts and ends with the first step that fails", async () => {
  const runner = new PretendedRunner(({ reboot }) => (reboot === 1 ? ["h2 lost: /x"] : []));
  const steps = [{ reboot: 0 }, { reboot: 1 }, {}];
  expect(await replay(runner, steps, silent, silent)).toEqual(["h2 lost: /x"]);
  expect(runner.ran).toEqual(["reset", { reboot: 0 }, { reboot: 1 }]);
});
