import { ensureStep, forgetOtherSteps, type GuestStep } from "../../../provider/host/provision/guest-steps";
import { sh } from "../../../provider/host/sh";
import { lines, type Script } from "../../../provider/remote";
import { ScratchHost } from "./support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const step: GuestStep = { name: "build", run: "make", as: "root", environment: {}, when: "changed", secrets: {} };

/** The steps that run, each recorded with this exit status; what a step does is left out. */
function ran(steps: readonly GuestStep[], status: number | string = 0, before: Script = sh`:`): string[] {
  const run = sh`
provision_dir=${host.at("provision")}
provision_step() { provision_step_note "$1" "$2" "$3" ${String(status)}; answer ran "$2"; }
provision_checked() { [ -e ${host.at("checked")} ]; }
`;
  const answers = host.run(lines([run, before, ...steps.map(ensureStep), forgetOtherSteps(steps)]));
  return answers.map(({ values }) => values[0] ?? "");
}

test("a step runs once, and again after a change", () => {
  expect([ran([step]), ran([step])]).toEqual([["build"], []]);
  expect(ran([{ ...step, run: "make all" }])).toEqual(["build"]);
  expect(ran([{ ...step, run: "make all", secrets: { token: "x" } }])).toEqual([]);
});

test.each([1, "running"])("a step whose record says %s runs again, even one that runs once", (status) => {
  const once: GuestStep = { ...step, name: "seed", when: "once" };
  expect(ran([step, once], status)).toEqual(["build", "seed"]);
  expect(ran([step, once])).toEqual(["build", "seed"]);
  expect(ran([step, once])).toEqual([]);
});

test("a step that runs once does not run again after a change", () => {
  const once: GuestStep = { ...step, when: "once" };
  expect([ran([once]), ran([{ ...once, run: "make all" }])]).toEqual([["build"], []]);
});

test("a start step runs after each boot", () => {
  const start: GuestStep = { ...step, when: "start" };
  expect([ran([start]), ran([start])]).toEqual([["build"], []]);
  expect(ran([start], 0, sh`provision_boot=another`)).toEqual(["build"]);
});

test("a check alone decides whether its step runs", () => {
  const checked: GuestStep = { ...step, check: "test -e x" };
  expect([ran([checked]), ran([checked])]).toEqual([["build"], ["build"]]);
  host.write("checked", "");
  expect(ran([checked])).toEqual([]);
});

test("a step that was removed from the list runs again when it comes back", () => {
  expect([ran([step]), ran([]), ran([step])]).toEqual([["build"], [], ["build"]]);
});
