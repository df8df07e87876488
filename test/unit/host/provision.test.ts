import { startUnit } from "../../../provider/host/jobs/transient-unit-scripts";
import {
  type GuestPlan,
  type GuestStep,
  inspectInside,
  provisionJob,
  provisionsInventory,
  removeProvision,
} from "../../../provider/host/provision";
import { ensureText, inspectText, removeText } from "../../../provider/host/provision/guest-plan";
import { ended } from "../support/processes";
import { claim } from "./support/claim";

const step: GuestStep = { name: "a", run: "x", as: "root", environment: {}, when: "changed", secrets: {} };
const user = { name: "alice", group: "alice", home: "/home/alice", shell: "/bin/bash", comment: "", sudo: false };
const repository = {
  url: "ssh://x/y",
  directory: "y",
  user: "alice",
  blobless: false,
  submodules: false,
  knownHosts: [],
};
const empty: GuestPlan = { users: [], files: [], repositories: [], steps: [] };
const full: GuestPlan = {
  users: [
    user,
    {
      ...user,
      name: "it's",
      uid: 1,
      gid: 2,
      groups: ["a", "b"],
      sudo: true,
      authorizedKeys: ["k"],
      authorizedKeysFrom: [{ url: "u", sha256: "s" }],
    },
  ],
  files: [{ path: "/etc/x", content: "it's\n$(x)", owner: "0", group: "root", mode: "0644" }],
  repositories: [
    repository,
    { ...repository, branch: "main", depth: 1, blobless: true, submodules: true, deployKey: "k", knownHosts: ["h"] },
  ],
  steps: [
    { ...step, run: "#!/bin/sh\nit's", when: "start", check: "it's" },
    { ...step, name: "b", run: ["a b", "it's"], cwd: "it's", environment: { A: "it's" }, secrets: { t: "it's" } },
    { ...step, name: "c", run: { one: "it's (", two: ["x"] }, when: "once" },
  ],
};

const problemOf = (text: string) => ended(["sh", "-n"], text).stderr;

test.each([
  ["nothing", empty],
  ["everything", full],
])("with %s in the plan, a shell can parse the scripts", (_name, plan) => {
  expect(problemOf(ensureText("me", plan))).toBe("");
  expect(problemOf(inspectText("me", plan))).toBe("");
  expect(problemOf(removeText("me"))).toBe("");
});

test("a shell can parse the scripts of the host", () => {
  const key = { claim: claim({ urn: "urn:it's" }), machine: "web" };
  const job = provisionJob(key, full, "id");
  for (const { text } of [
    startUnit(job),
    job.script,
    inspectInside("me"),
    provisionsInventory,
    removeProvision({ owner: "me", machine: "web" }),
  ]) {
    expect(problemOf(text)).toBe("");
  }
});

test("a unit holds nothing of a plan, and its name reveals nothing without the owner", () => {
  const secret = "hunter2-in-a-step";
  const plan = (run: string) => ({ ...empty, steps: [{ ...step, run, secrets: { token: secret } }] });
  const of = (owner: string, run: string) =>
    provisionJob({ claim: claim({ owner }), machine: "web" }, plan(run), undefined);
  expect(of("me", "x").script.text).not.toContain(secret);
  expect(of("me", "x").unit).toBe(of("me", "x").unit);
  expect(of("me", "x").unit).not.toBe(of("me", "y").unit);
  expect(of("me", "x").unit).not.toBe(of("other", "x").unit);
});
