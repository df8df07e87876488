import { existsSync, readFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({}, ["/var/lib/apt"]);
  host.write("at/none", "");
});
afterEach(() => host.remove());

const record = "/var/lib/apt/pulumi-nspawn";
const file = (name: string, ...lines: readonly string[]) =>
  host.write(`at/${name}`, lines.map((line) => `${line}\n`).join(""));
const printed = (call: Script) =>
  host
    .printed(sh`cd ${host.at("at")}; ${call}`)
    .split("\n")
    .filter((line) => line !== "");
const package_ = (
  full: string,
  more: { essential?: string; priority?: string; version?: string; provides?: string } = {},
) =>
  [
    full,
    full.split(":")[0],
    more.essential ?? "no",
    more.priority ?? "optional",
    more.version ?? "1",
    more.provides ?? "",
  ].join("\t");

test("package_words makes a set of words", () => {
  expect(printed(sh`package_words b a b 'c d'`)).toEqual(["a", "b", "c d"]);
  expect(printed(sh`package_words`)).toEqual([]);
});

test("package_setting prints a path of apt's, a directory without the slash at its end", () => {
  host.program(
    "apt-config",
    `case $3 in */d) echo "$2='/etc/apt/preferences.d/'" ;; *) echo "$2='/var/lib/dpkg/status'" ;; esac`,
  );
  expect(printed(sh`package_setting Dir::Etc::preferencesparts/d`)).toEqual(["/etc/apt/preferences.d"]);
  expect(printed(sh`package_setting Dir::State::status/f`)).toEqual(["/var/lib/dpkg/status"]);
});

test("package_table writes what is installed, and fails as dpkg does", () => {
  const rows = [
    ["installed", "libc6", "amd64", "no", "optional", "2.41", "libc-bin (= 2.41), x:any [amd64],y"],
    ["installed", "libc6", "i386", "no", "optional", "2.41", ""],
    ["config-files", "gone", "all", "no", "optional", "1", ""],
    ["installed", "bash", "all", "yes", "required", "1:5", ""],
  ];
  host.write("at/rows", rows.map((row) => `${row.join("\t")}\n`).join(""));
  host.program("dpkg-query", `cat ${host.at("at/rows")}`);
  host.program("dpkg", "echo amd64");
  expect(printed(sh`package_table table; cat table`)).toEqual([
    package_("libc6", { version: "2.41", provides: "libc-bin x y" }),
    package_("libc6:i386", { version: "2.41" }),
    package_("bash", { essential: "yes", priority: "required", version: "1:5" }),
  ]);
  host.program("dpkg-query", "exit 2");
  expect(host.ended(sh`cd ${host.at("at")}; package_table table; echo later`)).toMatchObject({ status: 2, stdout: "" });
});

test("package_manual writes a set, and fails as apt does", () => {
  host.program("apt-mark", "printf '%s\\n' b a");
  expect(printed(sh`package_manual manual; cat manual`)).toEqual(["a", "b"]);
  host.program("apt-mark", "exit 3");
  expect(host.ended(sh`cd ${host.at("at")}; package_manual manual; echo later`)).toMatchObject({
    status: 3,
    stdout: "",
  });
});

describe("package_lookup", () => {
  test("finds packages by their names, those of the guest's own architecture first", () => {
    file("table", package_("libc6:i386"), package_("libc6"), package_("wine:i386"));
    file("names", "libc6", "libc6:i386", "wine", "nothing");
    expect(printed(sh`package_lookup table names`)).toEqual(["libc6 libc6", "libc6:i386 libc6:i386", "wine wine:i386"]);
  });

  test("finds all that provide a name, but not if there is a package of that name", () => {
    file(
      "table",
      package_("exim", { provides: "mail smtp" }),
      package_("postfix", { provides: "mail" }),
      package_("smtp"),
    );
    file("names", "mail", "smtp");
    expect(printed(sh`package_lookup table names`)).toEqual(["mail exim", "mail postfix", "smtp smtp"]);
  });

  test("finds nothing where nothing is", () => {
    file("names", "a");
    expect(printed(sh`package_lookup none names; package_lookup names none`)).toEqual([]);
  });
});

test("package_chosen prefers what is manual, and else takes the first", () => {
  file("manual", "postfix");
  file("found", "git git", "mail exim", "mail postfix", "http apache", "http nginx");
  expect(printed(sh`package_chosen manual <found`)).toEqual(["apache", "git", "postfix"]);
  expect(printed(sh`package_chosen none <found`)).toEqual(["apache", "exim", "git"]);
});

test("package_protected prints what is essential, and what has one of the priorities", () => {
  file(
    "table",
    package_("bash", { essential: "yes" }),
    package_("apt", { priority: "important" }),
    package_("libc6", { priority: "required" }),
    package_("vim"),
  );
  expect(printed(sh`package_protected table required`)).toEqual(["bash", "libc6"]);
  expect(printed(sh`package_protected table required important`)).toEqual(["apt", "bash", "libc6"]);
  expect(printed(sh`package_protected table`)).toEqual(["bash"]);
});

test("package_recorded reads what package_note wrote, which changes nothing if it is the same", () => {
  host.write(`${record}-other`, "");
  file("asked", "git", "vim");
  file("leaving", "old");
  expect(printed(sh`package_recorded asked`)).toEqual([]);
  printed(sh`package_note asked asked leaving leaving`);
  expect(printed(sh`package_recorded asked; package_recorded leaving`)).toEqual(["git", "vim", "old"]);
  const before = printed(sh`stat -c %i ${host.at(record)}`);
  expect(printed(sh`package_note asked asked leaving leaving; stat -c %i ${host.at(record)}`)).toEqual(before);
  printed(sh`package_note asked none`);
  expect(readFileSync(host.at(record), "utf8")).toBe("# What the Pulumi program asked for.\n");
  expect(existsSync(host.at(`${record}.new`))).toBe(false);
});
