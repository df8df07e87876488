import { spawnSync } from "node:child_process";
import type { GuestPlan, GuestStep } from "../../provider/host/provision";
import { ensureText, inspectText, removeText } from "../../provider/host/provision/plan";

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

const problemOf = (text: string) => spawnSync("sh", ["-n"], { input: text, encoding: "utf8" }).stderr;

test.each([
  ["nothing", empty],
  ["everything", full],
])("with %s the scripts are ones that a shell reads", (_name, plan) => {
  expect(problemOf(ensureText("me", plan))).toBe("");
  expect(problemOf(inspectText("me", plan))).toBe("");
  expect(problemOf(removeText("me"))).toBe("");
});
