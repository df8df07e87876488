import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { ensureSource } from "../../../../provider/host/mounts/ensure-source";
import { removeSource } from "../../../../provider/host/mounts/remove-source";
import type { Claim } from "../../../../provider/host/ownership";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { claim } from "../support/claim";
import { ScratchHost } from "../support/scratch-host";

/** What systemd-machined lists: nothing, or one machine. */
const NONE = "echo 'a(ssso) 0'";
const WEB = `echo 'a(ssso) 1 "web" "container" "systemd-nspawn" "/org/freedesktop/machine1/machine/web"'`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ machinectl: "", busctl: NONE });
});
afterEach(() => host.remove());

/** A source of the user who runs the tests, at a path of the host. */
function source(path: string, more: Partial<Claim> = {}) {
  const { uid, gid } = statSync(host.directory);
  const create = { owner: uid, group: gid, mode: "0750" };
  return { path: host.at(path), claim: claim(more), create };
}

const remove = (path: string, removeData = false) => host.run(removeSource(source(path), removeData));
const kept = (path: string) => [{ key: "kept", values: [host.at(path)] }];

test("a directory is made with its missing parents, and is removed with them", () => {
  expect(host.run(ensureSource(source("srv/team/projects")))).toEqual([
    { key: "made", values: [host.at("srv/team/projects")] },
  ]);
  expect(statSync(host.at("srv/team/projects")).mode & 0o7777).toBe(0o750);
  expect(statSync(host.at("srv/team")).mode & 0o7777).toBe(0o700);
  expect(host.run(ensureSource(source("srv/team/projects")))).toEqual([]);
  expect(remove("srv/team/projects")).toEqual([]);
  expect(existsSync(host.at("srv"))).toBe(false);
});

test("a directory that existed before stays, even if it is empty", () => {
  mkdirSync(host.at("projects"));
  expect(host.run(ensureSource(source("projects")))).toEqual([
    { key: "refused", values: ["source-foreign", host.at("projects")] },
  ]);
  host.run(ensureSource(source("projects", { adopt: true })));
  expect(remove("projects")).toEqual(kept("projects"));
  expect(existsSync(host.at("projects"))).toBe(true);
});

test("a directory that is not empty stays, unless its data must be removed too", () => {
  for (const removeData of [false, true]) {
    host.run(ensureSource(source("projects", { adopt: true })));
    writeFileSync(host.at("projects/file"), "");
    expect(remove("projects", removeData)).toEqual(removeData ? [] : kept("projects"));
  }
  expect(existsSync(host.at("projects"))).toBe(false);
});

test("what a deleted resource left is its own again, and nobody else's", () => {
  const again = (more = {}) => host.run(ensureSource(source("home", more)));
  again();
  writeFileSync(host.at("home/file"), "mine");
  expect(remove("home")).toEqual(kept("home"));
  for (const more of [{ urn: "urn:y" }, { stack: "elsewhere" }])
    expect(again({ owner: "new", ...more })).toMatchObject([{ values: ["source-foreign", host.at("home")] }]);
  expect(again({ owner: "new", claimant: "newhost1", stack: "stack of mystack1" })).toEqual([]);
  expect(host.run(removeSource({ ...source("home"), claim: claim({ owner: "new" }) }, true))).toEqual([]);
  expect(existsSync(host.at("home"))).toBe(false);
});

test("a path whose former directory is gone is free", () => {
  host.run(ensureSource(source("home")));
  writeFileSync(host.at("home/file"), "");
  remove("home");
  rmSync(host.at("home"), { recursive: true });
  expect(host.run(ensureSource(source("home", { owner: "new", urn: "urn:y" })))).toMatchObject([{ key: "made" }]);
});

test("a marker of a directory that stayed says for whom", () => {
  host.write("/var/lib/pulumi-nspawn/m", JSON.stringify({ path: "/srv", urn: "urn:x", stack: "s", kept: "yes" }));
  expect(host.holds(sh`source_is_kept /var/lib/pulumi-nspawn/m`)).toBe(true);
  expect(host.holds(sh`source_is_kept /var/lib/pulumi-nspawn/gone`)).toBe(false);
  const kept = (urn: string, stack: string) =>
    host.holds(sh`source_is_kept_for ${["/var/lib/pulumi-nspawn/m", urn, stack]}`);
  expect([kept("urn:x", "s"), kept("urn:y", "s"), kept("urn:x", "t")]).toEqual([true, false, false]);
});

test("a machine that stops while its mounts are queried does not block a removal", () => {
  // Its leader is asked for once, and then it is no longer in the list.
  const listed = `if [ -e "\${0%/*}/asked" ]; then ${NONE}; else ${WEB}; fi`;
  host.remove();
  host = new ScratchHost({ machinectl: `: >"\${0%/*}/asked"; exit 1`, busctl: listed });
  host.run(ensureSource(source("projects")));
  expect(remove("projects")).toEqual([]);
  expect(existsSync(host.at("projects"))).toBe(false);
});

test("a directory stays if it is unknown whether a machine has it mounted", () => {
  for (const busctl of ["exit 1", WEB]) {
    host.remove();
    host = new ScratchHost({ machinectl: "exit 1", busctl, sleep: "" });
    host.run(ensureSource(source("projects")));
    expect(() => remove("projects")).toThrow("exit status 1");
    expect(existsSync(host.at("projects"))).toBe(true);
  }
});

test("somebody who is not its owner removes nothing", () => {
  host.run(ensureSource(source("projects")));
  expect(host.run(removeSource({ ...source("projects"), claim: claim({ owner: "other" }) }, true))).toEqual([]);
  expect(existsSync(host.at("projects"))).toBe(true);
});

test("a symbolic link that somebody put into the path is not followed", () => {
  mkdirSync(host.at("elsewhere"));
  symlinkSync(host.at("elsewhere"), host.at("link"));
  const enter = sh`source_enter ${host.at("link/inner")}; : >file`;
  expect(host.run(lines([enter]))).toMatchObject([
    {
      values: [
        "source-symlink",
        host.at("link/inner"),
        expect.anything(),
        host.at("elsewhere/inner"),
        expect.anything(),
      ],
    },
  ]);
  expect(readdirSync(host.at("elsewhere"))).toEqual([]);
});
