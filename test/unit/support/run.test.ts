import { failedRun } from "../../support/run";

test("a failed run shows its output to a test that reads its outputs or changes", () => {
  const run = failedRun("error: no room");
  expect(run.ok).toBe(false);
  expect(() => run.outputs.state).toThrow("this run of the CLI failed and has no outputs:\nerror: no room");
  expect(() => run.changes.create).toThrow("error: no room");
});
