import { readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { AptRepository, AptRoot } from "../support/apt-root";

let repository: AptRepository;
let root: AptRoot;
beforeAll(() => {
  repository = new AptRepository({
    git: { Depends: "git-man" },
    "git-man": {},
    old: {},
    exim: { Provides: "mail-agent", Conflicts: "mail-agent" },
    postfix: { Provides: "mail-agent", Conflicts: "mail-agent" },
    web: {},
    base: { Priority: "required" },
  });
  root = new AptRoot(repository);
  root.install("git", "old", "exim", "web", "base");
  root.byHand(sh`apt-mark auto old web`);
});
afterAll(() => {
  root.remove();
  repository.remove();
});

const set = (name: string, ...lines: readonly string[]) =>
  root.host.write(`at/${name}`, lines.map((line) => `${line}\n`).join(""));
const lines = (text: string) => text.split("\n").filter((line) => line !== "");
const read = (name: string) => lines(readFileSync(root.host.at(`at/${name}`), "utf8"));
/** Runs functions in a directory with the sets of a survey that wants nothing. */
const run = (script: Script) =>
  root.ended(sh`
package_wanted='' package_listed='' package_unwanted='' package_former='' package_needed='' package_priorities=required package_pins=''
cd ${root.host.at("at")}; set -f
${script}
`);
const printed = (script: Script) => {
  const { status, stdout, stderr } = run(script);
  if (status !== 0) throw new Error(`exit status ${status}: ${stdout}${stderr}`);
  return lines(stdout);
};

beforeEach(() => {
  root.host.write("at/none", "");
  printed(sh`rm -f ${root.host.at("/var/lib/apt/pulumi-nspawn")}; package_survey`);
});

test("package_survey finds what is there, what is missing, and whose it is", () => {
  set("before", "git");
  printed(sh`package_note asked before
package_wanted='git mail-agent web nothing' package_listed='git web nothing' package_unwanted='old base git' package_needed=old; package_survey`);
  expect(
    Object.fromEntries(
      ["wanted", "missing", "unmarked", "staying", "asking", "dropped"].map((name) => [name, read(name)]),
    ),
  ).toEqual({
    wanted: ["exim", "git", "web"],
    missing: ["nothing"],
    unmarked: ["web"],
    staying: ["base", "exim", "git", "old", "web"],
    asking: ["git", "nothing", "web"],
    dropped: [],
  });
  printed(sh`package_unwanted='git web'; package_survey`);
  expect(read("dropped")).toEqual(["git"]);
});

test("package_find finds all packages of a set of names, and package_choose one of each name", () => {
  set("some-names", "git", "mail-agent", "nothing");
  expect(printed(sh`package_find some; cat some; package_choose some; cat some`)).toEqual([
    "exim",
    "git",
    "exim",
    "git",
  ]);
});

test("package_remember takes what a root without a record was asked for", () => {
  expect(printed(sh`package_former='git nothing'; package_remember; cat asked`)).toEqual(["git"]);
  set("before", "web");
  set("leaving", "old");
  expect(
    printed(
      sh`package_note asked before leaving leaving; package_former=git; package_remember; cat asked leaving-names`,
    ),
  ).toEqual(["web", "old"]);
});

test("package_missing are names that nothing has, and packages of another version, and package_targets adds the version", () => {
  set("wanted-names", "git", "mail-agent", "nothing", "web");
  const pins = sh`package_pins='web=2* git=1* nothing=3'`;
  expect(printed(sh`${pins}; package_missing`).sort()).toEqual(["nothing", "web"]);
  set("missing", "nothing", "other", "web");
  expect(printed(sh`${pins}; package_targets`)).toEqual(["nothing=3", "other", "web=2*"]);
  expect(printed(sh`package_targets`)).toEqual(["nothing", "other", "web"]);
});

test("package_settled holds if nothing differs, and there is a record", () => {
  const settled = (before: Script = sh`:`) =>
    printed(sh`${before}; if package_settled; then echo yes; else echo no; fi`).join();
  expect(settled()).toBe("no");
  expect(settled(sh`package_note asked none`)).toBe("yes");
  for (const name of ["missing", "unmarked", "dropped", "left"]) {
    set(name, "x");
    expect([name, settled()]).toEqual([name, "no"]);
    set(name);
  }
  set("preferences", "x");
  expect(settled()).toBe("no");
});

test("package_mark changes apt's marks, or a copy, and package_marks_copy makes one", () => {
  const automatic = (options: Script) => printed(sh`apt-mark ${options} showauto`);
  const copy = sh`-o Dir::State::extended_states=${root.host.at("at/copy")}`;
  set("staying", "web");
  set("dropped", "git");
  printed(sh`package_marks_copy copy auto`);
  expect([automatic(copy), automatic(sh``)]).toEqual([
    ["git", "git-man", "old"],
    ["git-man", "old", "web"],
  ]);
  set("names", "git");
  printed(sh`package_mark auto names; package_mark manual none`);
  expect(automatic(sh``)).toContain("git");
  printed(sh`package_mark manual names`);
  expect(automatic(sh``)).not.toContain("git");
});

test("package_rehearse writes what apt would remove, and fails with its output", () => {
  printed(sh`package_marks_copy copy auto; package_rehearse removed copy install git-`);
  expect(read("removed")).toEqual(["git"]);
  const { status, stderr } = run(sh`package_rehearse removed copy install nothing; echo later`);
  expect([status, stderr]).toEqual([100, expect.stringContaining("Unable to locate package nothing")]);
});

describe("package_plan", () => {
  test("and package_leave say what goes: what became unneeded, and what was to go before", () => {
    set("dropped", "git");
    printed(sh`package_marks_copy marks auto; package_leave`);
    expect(read("going")).toEqual(["git", "git-man"]);
    set("left", "web");
    printed(sh`package_plan`);
    expect([read("going"), read("arguments")]).toEqual([
      ["git", "git-man", "web"],
      ["git-", "git-man-", "web-"],
    ]);
  });

  test("refuses what removes anything else", () => {
    set("targets", "postfix");
    const { status, stdout } = run(sh`package_plan; echo later`);
    expect([status, stdout]).toEqual([100, "E: pulumi-nspawn: this would also remove exim \n"]);
    set("dropped", "exim");
    printed(sh`package_plan`);
    expect(read("arguments")).toEqual(["postfix", "exim-"]);
  });
});
