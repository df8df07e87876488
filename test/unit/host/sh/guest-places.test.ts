import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

/** What is below a directory of this name belongs to a user, and all else to root, whoever runs the tests. */
const stat = 'case "$2:$PWD/" in %u:*/hers/*) echo 1000 ;; %u:*) echo 0 ;; *) exec /usr/bin/stat "$@" ;; esac';

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ stat, chown: "" });
  for (const directory of ["hers", "roots/real"]) mkdirSync(host.at(directory), { recursive: true });
});
afterEach(() => host.remove());

const text = (path: string) => readFileSync(host.at(path), "utf8");
const ended = (script: Script) => host.ended(script);
const chowns = () => host.calls().filter((call) => call.startsWith("chown"));

test("place_end says why, and ends the script", () => {
  expect(ended(sh`place_end "50% of" it; echo never`)).toMatchObject({
    status: 1,
    stdout: "",
    stderr: "E: 50% of it\n",
  });
});

test("place_is_roots: a directory that nobody but root can write to", () => {
  const roots = (path: string) => host.holds(sh`cd ${host.at(path)}; place_is_roots`);
  chmodSync(host.at("roots"), 0o755);
  expect([roots("roots"), roots("hers")]).toEqual([true, false]);
  for (const mode of [0o775, 0o757]) {
    chmodSync(host.at("roots"), mode);
    expect(roots("roots")).toBe(false);
  }
});

describe("place_enter", () => {
  const entered = (path: string) => ended(sh`place_enter ${host.at(path)}; pwd -P`);

  test("goes to a directory, and makes what is missing", () => {
    expect(entered("roots/a b/it's/./x").stdout).toBe(`${host.at("roots/a b/it's/x")}\n`);
    expect(statSync(host.at("roots/a b/it's")).mode & 0o7777).toBe(0o755);
    expect(ended(sh`place_enter ""; pwd -P`).stdout).toBe("/\n");
  });

  test("follows links in directories that are root's alone, wherever they lead", () => {
    symlinkSync("real", host.at("roots/beside"));
    symlinkSync("../roots/beside", host.at("roots/through"));
    symlinkSync(host.at("roots/through"), host.at("roots/absolute"));
    for (const link of ["beside", "through", "absolute"]) {
      expect(entered(`roots/${link}/new`)).toMatchObject({ status: 0, stdout: `${host.at("roots/real/new")}\n` });
    }
  });

  test("ends at a link that its user can change, and at one that leads to itself", () => {
    symlinkSync(host.at("roots/real"), host.at("hers/link"));
    symlinkSync("loop", host.at("roots/loop"));
    const { status, stderr } = entered("hers/link/new");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`/hers/link (to ${host.at("roots/real")}) is not followed`),
    ]);
    expect(entered("roots/loop/new").status).toBe(1);
    expect(readdirSync(host.at("roots/real"))).toEqual([]);
  });

  test("ends where a link takes the place of a directory in the last moment", () => {
    mkdirSync(host.at("hers/now"));
    // The shell's own test has seen a directory by then.
    const swap = sh`cd() { case $* in *now) rmdir ${host.at("hers/now")}; ln -s ${host.at("roots/real")} ${host.at("hers/now")} ;; esac; command cd "$@"; }`;
    expect(
      ended(sh`${swap}
place_enter ${host.at("hers/now/new")}`),
    ).toMatchObject({ status: 1, stderr: expect.stringContaining("hers/now meanwhile") });
    expect(readdirSync(host.at("roots/real"))).toEqual([]);
  });
});

describe("place_take and place_leave", () => {
  test("go into a directory that was just made, and back, and nothing of it stays", () => {
    const script = sh`cd ${host.at("hers")}; new=$(mktemp -d ./new.XXXXXX); place_take "$new"; : >content; place_leave "$new"; pwd -P`;
    expect(ended(script).stdout).toBe(`${host.at("hers")}\n`);
    expect(readdirSync(host.at("hers"))).toEqual([]);
  });

  test("take neither a link in its place nor a directory that others can enter", () => {
    symlinkSync(host.at("roots"), host.at("hers/new"));
    expect(ended(sh`cd ${host.at("hers")}; place_take ./new`).status).toBe(1);
    mkdirSync(host.at("hers/open"), { mode: 0o755 });
    expect(ended(sh`cd ${host.at("hers")}; place_take ./open`).status).toBe(1);
  });
});

describe("place_file", () => {
  const file = (path: string, mode = "0644", content = "x") =>
    ended(sh`place_file ${[host.at(path), mode, "alice:staff", content]}; echo done`);

  test("makes a file with its text, owner and mode, and the directories above it", () => {
    expect(file("roots/a b/it's", "4640", "50% of 'a\\n\"$(b)\n\n").stdout).toBe("done\n");
    expect(text("roots/a b/it's")).toBe("50% of 'a\\n\"$(b)\n\n");
    expect(statSync(host.at("roots/a b/it's")).mode & 0o7777).toBe(0o4640);
    expect(chowns()).toEqual(["chown -- alice:staff content"]);
    expect(readdirSync(host.at("roots/a b"))).toEqual(["it's"]);
  });

  test("takes the place of a link, and leaves alone what a user laid in its way", () => {
    host.write("roots/shadow", "secret");
    for (const name of ["conf", "conf.pulumi-new", "conf.new"])
      symlinkSync(host.at("roots/shadow"), host.at(`hers/${name}`));
    expect(file("hers/conf").status).toBe(0);
    expect([text("hers/conf"), lstatSync(host.at("hers/conf")).isFile(), text("roots/shadow")]).toEqual([
      "x",
      true,
      "secret",
    ]);
    expect(realpathSync(host.at("hers/conf.pulumi-new"))).toBe(host.at("roots/shadow"));
  });

  test("ends where a directory is, and where the way leads over a user's link", () => {
    symlinkSync(host.at("roots/real"), host.at("hers/link"));
    expect(file("roots/real")).toMatchObject({ status: 1, stdout: "" });
    expect(file("hers/link/file")).toMatchObject({ status: 1, stdout: "" });
    expect(readdirSync(host.at("roots/real"))).toEqual([]);
  });

  test("leaves the file as it was where it cannot be given to its owner", () => {
    host.program("chown", "echo 'no such user' >&2; exit 1");
    host.write("roots/file", "old");
    expect(file("roots/file")).toMatchObject({ status: 1, stdout: "", stderr: "no such user\n" });
    expect([text("roots/file"), readdirSync(host.at("roots")).sort()]).toEqual(["old", ["file", "real"]]);
  });

  test("a directory that is moved meanwhile gets the file where it is now", () => {
    host.program("chown", `mv ${host.at("hers")} ${host.at("moved")}`);
    expect(file("hers/file").status).toBe(0);
    expect([existsSync(host.at("hers")), text("moved/file")]).toEqual([false, "x"]);
    renameSync(host.at("moved"), host.at("hers"));
  });
});
