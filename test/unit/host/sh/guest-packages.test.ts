import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { AptRepository, AptRoot } from "../support/apt-root";

/** What is asked of `package_change`, as the root's operation has it. */
interface Change {
  readonly listed?: readonly string[];
  /** Packages that a setting needs. */
  readonly settings?: readonly string[];
  readonly unwanted?: readonly string[];
  readonly former?: readonly string[];
  readonly pins?: readonly string[];
  /** Functions to replace. */
  readonly before?: Script;
}

let repository: AptRepository;
beforeAll(() => {
  repository = new AptRepository({
    client: {},
    server: { Depends: "client" },
    git: { Depends: "git-man" },
    "git-man": {},
    lfs: { Depends: "git" },
    helper: {},
    tool: { Recommends: "helper" },
    heavy: { Depends: "git" },
    old: {},
    exim: { Provides: "mail-agent (= 1)", Conflicts: "mail-agent", Depends: "exim-base" },
    "exim-base": {},
    postfix: { Provides: "mail-agent", Conflicts: "mail-agent" },
    bash: { Essential: "yes" },
    base: { Priority: "required" },
    init: {},
    web: { Provides: "httpd" },
    "web 2": { Provides: "httpd" },
    "g++": {},
    needs: { Depends: "web" },
  });
});
afterAll(() => {
  for (const one of [empty, withGit, repository]) one.remove();
});

/** Guests in which each test begins with a copy: an empty one, and one that was asked for git. */
let empty: AptRoot;
let withGit: AptRoot;
let root: AptRoot;
beforeAll(() => {
  empty = new AptRoot(repository);
  root = empty.copy();
  change({ listed: ["git"] });
  withGit = root;
});
beforeEach(() => {
  root = empty.copy();
});
afterEach(() => root.remove());

function beginWithGit(): void {
  root.remove();
  root = withGit.copy();
}

const ABOUT = sh`package_priorities='required important' package_patience=10 package_needed=init package_retries='Acquire::Retries "0";'`;

function attempt({ listed = [], settings = [], unwanted = [], former = [], pins = [], before = sh`:` }: Change) {
  return root.ended(sh`${before}
${ABOUT}
package_options=${Buffer.from(root.options).toString("base64")}
package_listed=${listed.join(" ")} package_wanted=${[...listed, ...settings].join(" ")} package_pins=${pins.join(" ")}
package_unwanted=${unwanted.join(" ")} package_former=${former.join(" ")}
package_change
`);
}

/** A change that succeeds; what the record says of it. */
function change(what: Change): string[] {
  const { status, stdout, stderr } = attempt(what);
  if (status !== 0) throw new Error(`exit status ${status}: ${stdout}${stderr}`);
  return notes().filter((line) => !line.startsWith("asked "));
}
const notes = () => readFileSync(root.host.at("/var/lib/apt/pulumi-nspawn"), "utf8").split("\n").slice(1, -1);
const record = () => notes().filter((line) => line.startsWith("asked "));
const preferences = () => root.at("etc/preferences.d/90pulumi-nspawn");

describe("what is asked for", () => {
  test("is installed and manual, and what it needs is not", () => {
    expect(change({ listed: ["git", "g++"] })).toEqual([]);
    expect(root.marks()).toEqual({ git: "manual", "git-man": "auto", "g++": "manual" });
    expect(record()).toEqual(["asked g++", "asked git"]);
  });

  test("becomes manual if it was there because something else needs it", () => {
    root.install("lfs");
    change({ listed: ["git"] });
    expect(root.marks()).toEqual({ git: "manual", "git-man": "auto", lfs: "manual" });
  });

  test("is left alone if it is there, and no lists are read", () => {
    beginWithGit();
    expect(change({ listed: ["git"], before: sh`package_plan() { exit 9; }` })).toEqual([]);
  });

  test("can be a name that a package provides", () => {
    root.install("postfix");
    change({ listed: ["mail-agent"] });
    expect(root.marks()).toEqual({ postfix: "manual" });
    change({ unwanted: ["mail-agent"] });
    expect(root.marks()).toEqual({ postfix: "manual" });
  });

  test("is what apt installs for a name that one package provides, and goes again", () => {
    change({ listed: ["httpd"] });
    expect(root.marks()).toEqual({ web: "manual" });
    expect(record()).toEqual(["asked web"]);
    expect(change({ unwanted: ["httpd"] })).toEqual(["removed web"]);
    expect(root.marks()).toEqual({});
  });

  test("fails with apt's own words if nothing has the name, and nothing changes", () => {
    beginWithGit();
    const { status, stderr } = attempt({ listed: ["nothing"], unwanted: ["git"] });
    expect([status, stderr]).toEqual([100, expect.stringContaining("E: Unable to locate package nothing")]);
    expect(root.marks()).toEqual({ git: "manual", "git-man": "auto" });
    expect(record()).toEqual(["asked git"]);
  });
});

describe("what is asked for no longer", () => {
  test("stays, and is auto, while something that is listed needs it", () => {
    change({ listed: ["client", "server"] });
    expect(change({ listed: ["server"], unwanted: ["client"] })).toEqual(["kept client"]);
    expect(root.marks()).toEqual({ client: "auto", server: "manual" });
    expect(change({ unwanted: ["server"] })).toEqual(["removed client", "removed server"]);
    expect(root.marks()).toEqual({});
  });

  test("stays while something that somebody installed by hand needs it", () => {
    beginWithGit();
    root.install("lfs");
    expect(change({ unwanted: ["git"] })).toEqual(["kept git"]);
    expect(root.marks()).toEqual({ git: "auto", "git-man": "auto", lfs: "manual" });
  });

  test("stays while something recommends it", () => {
    change({ listed: ["tool", "helper"] });
    expect(change({ listed: ["tool"], unwanted: ["helper"] })).toEqual(["kept helper"]);
  });

  test("goes together with what only it needed, and with nothing else that nothing needs", () => {
    beginWithGit();
    root.install("old");
    root.byHand(sh`apt-mark auto old`);
    expect(change({ unwanted: ["git"] })).toEqual(["removed git", "removed git-man"]);
    expect(root.marks()).toEqual({ old: "auto" });
    expect(record()).toEqual([]);
  });

  test("stays manual if somebody had installed it before it was asked for", () => {
    change({});
    root.install("git");
    change({ listed: ["git"] });
    expect(change({ unwanted: ["git"] })).toEqual([]);
    expect(root.marks()).toEqual({ git: "manual", "git-man": "auto" });
  });

  test("stays if a setting needs it, and then it is no longer asked for", () => {
    change({ listed: ["git"], settings: ["old"] });
    expect(change({ settings: ["git"], unwanted: ["git"] })).toEqual([]);
    expect(root.marks()).toEqual({ git: "manual", "git-man": "auto", old: "manual" });
  });

  test.each(["bash", "base", "init"])("stays manual if the system needs it: %s", (name) => {
    change({ listed: [name] });
    expect(change({ unwanted: [name] })).toEqual([]);
    expect(root.marks()).toEqual({ [name]: "manual" });
  });

  test("stays if it is held", () => {
    beginWithGit();
    root.byHand(sh`apt-mark hold git`);
    expect(change({ unwanted: ["git"] })).toEqual(["kept git"]);
    expect(Object.keys(root.marks())).toEqual(["git", "git-man"]);
  });

  test("goes if it was all that a root of an earlier version asked for", () => {
    root.install("git", "client");
    change({ listed: ["client"], unwanted: ["git"], former: ["client", "git"] });
    expect(root.marks()).toEqual({ client: "manual" });
    expect(record()).toEqual(["asked client"]);
  });

  test("goes if it conflicts with what comes", () => {
    change({ listed: ["exim"] });
    expect(change({ listed: ["postfix"], unwanted: ["exim"] })).toEqual(["removed exim", "removed exim-base"]);
    expect(root.marks()).toEqual({ postfix: "manual" });
  });

  test("stays if what comes needs it", () => {
    beginWithGit();
    expect(change({ listed: ["heavy"], unwanted: ["git"] })).toEqual(["kept git"]);
    expect(root.marks()).toEqual({ git: "auto", "git-man": "auto", heavy: "manual" });
  });
});

test("a change that would remove what somebody installed by hand is refused, with its name, and changes nothing", () => {
  beginWithGit();
  root.install("exim");
  const { status, stdout } = attempt({ listed: ["postfix"], unwanted: ["git"] });
  expect([status, stdout]).toEqual([100, expect.stringMatching(/^E: pulumi-nspawn: this would also remove exim $/m)]);
  expect(root.marks()).toEqual({ exim: "manual", "exim-base": "auto", git: "manual", "git-man": "auto" });
});

describe("a version", () => {
  test("is installed, up or down, and stays when everything is upgraded", () => {
    change({ listed: ["web"] });
    expect(root.version("web")).toBe("2");
    change({ listed: ["web"], pins: ["web=1*"] });
    expect(root.version("web")).toBe("1");
    root.byHand(sh`apt-get -q -y upgrade`);
    expect(root.version("web")).toBe("1");
    change({ listed: ["web"], pins: ["web=2"] });
    expect(root.version("web")).toBe("2");
    expect(readFileSync(preferences(), "utf8")).toBe("Package: web\nPin: version 2\nPin-Priority: 1001\n\n");
    change({ listed: ["web"] });
    expect(existsSync(preferences())).toBe(false);
  });

  test("that is not there fails with apt's own words, and changes nothing", () => {
    const { status, stderr } = attempt({ listed: ["web"], pins: ["web=7*"] });
    expect([status, stderr]).toEqual([100, expect.stringContaining("E: Version '7*' for 'web' was not found")]);
    expect([root.marks(), existsSync(preferences())]).toEqual([{}, false]);
  });
});

describe("an interrupted change is finished by the next one", () => {
  beforeEach(() => {
    beginWithGit();
    change({ listed: ["git", "client", "server"] });
  });
  const without = { listed: ["server"], unwanted: ["client", "git"] };

  test("after the marks were changed", () => {
    expect(attempt({ ...without, before: sh`package_apt() { [ "$1" != install ] || exit 9; }` }).status).toBe(9);
    expect(root.marks()).toMatchObject({ git: "auto" });
    expect(change(without)).toEqual(["removed git", "removed git-man", "kept client"]);
  });

  test("after a part was removed", () => {
    expect(
      attempt({
        ...without,
        before: sh`package_apt() { [ "$1" != install ] || { apt-get -q -y remove git; exit 9; }; }`,
      }).status,
    ).toBe(9);
    expect(root.marks()).toMatchObject({ "git-man": "auto" });
    change(without);
    expect(root.marks()).toEqual({ client: "auto", server: "manual" });
  });

  test("after all of it, if nobody heard of it", () => {
    change(without);
    expect(change(without)).toEqual([]);
    expect(root.marks()).toEqual({ client: "auto", server: "manual" });
  });

  test("after something was installed, which then is ours", () => {
    const more = { listed: ["client", "git", "old", "server"] };
    expect(attempt({ ...more, before: sh`package_conclude() { exit 9; }` }).status).toBe(9);
    change(more);
    expect(record()).toContain("asked old");
  });

  test("in the middle of dpkg", () => {
    writeFileSync(
      root.at("dpkg/updates/0001"),
      "Package: server\nStatus: install ok unpacked\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\nDepends: client\n\n",
    );
    expect(change(without)).toEqual(["removed git", "removed git-man", "kept client"]);
    expect(root.marks()).toEqual({ client: "auto", server: "manual" });
  });
});

describe("apt", () => {
  test("gets the options of the host and one more, in a directory that is removed again", () => {
    attempt({ before: sh`package_survey() { cat "$APT_CONFIG" >${root.host.at("seen")}; exit 0; }` });
    expect(readFileSync(root.host.at("seen"), "utf8")).toBe(`${root.options}Acquire::Retries "0";\n`);
    expect(readdirSync(root.host.at("run"))).toEqual([]);
  });

  test("keeps changed settings, and fails as it does", () => {
    root.host.program("apt-get", "exit 7");
    expect(root.ended(sh`${ABOUT}; package_apt install "a b"; echo later`)).toMatchObject({ status: 7, stdout: "" });
    expect(root.host.calls().at(-1)).toMatch(/^apt-get -q -y .*-o Dpkg::Options::=--force-confold .*install a b$/);
  });

  test.each(["check", "update", "install"])("whose %s fails fails the change, with its status", (what) => {
    root.host.program("apt-get", `case "$*" in *-s*) ;; *" ${what}"*) exit 9 ;; esac; exec /usr/bin/apt-get "$@"`);
    expect(attempt({ listed: ["git"] }).status).toBe(9);
    expect(root.marks()).toEqual({});
  });

  test("that somebody else runs is waited for, and shown in the output", () => {
    root.host.program("sleep", "");
    const held = "echo 'E: Could not get lock /x. It is held by process 7 (p)' >&2; exit 100";
    root.host.program("apt-get", held);
    const { status, stdout } = attempt({ listed: ["git"] });
    expect(status).toBe(100);
    expect(stdout).toContain("pulumi-nspawn: waiting for another run of apt: /x: It is held by process 7 (p)\n");
  });
});

test("package_repair has dpkg finish what it was interrupted in, and leaves another one at work alone", () => {
  const repaired = () => {
    root.host.calls();
    expect(root.ended(sh`package_repair`).status).toBe(0);
    return root.host.calls().map((call) => call.replace(/ *$/, ""));
  };
  expect(repaired()).not.toContain("dpkg --force-confold --configure -a");
  writeFileSync(root.at("dpkg/updates/0001"), "");
  root.host.program("dpkg", "exit 2");
  expect(repaired()).toContain("dpkg --force-confold --configure -a");
});

describe("the two halves of a change", () => {
  const at = (name: string, ...lines: readonly string[]) =>
    root.host.write(`at/${name}`, lines.map((line) => `${line}\n`).join(""));
  const run = (script: Script) =>
    root.byHand(sh`${ABOUT}; package_wanted=git package_listed=git package_pins=; cd ${root.host.at("at")}; ${script}`);
  const sets = (more: Readonly<Record<string, readonly string[]>>) => {
    for (const name of ["going", "asking", "unmarked", "dropped", "preferences", "arguments"])
      at(name, ...(more[name] ?? []));
  };

  test("package_transact notes what goes, changes marks, and then has apt do it", () => {
    root.install("git", "client");
    sets({ going: ["client"], asking: ["git"], dropped: ["client"], arguments: ["client-", "old"] });
    expect(
      run(
        sh`package_apt() { cat ${root.host.at("/var/lib/apt/pulumi-nspawn")}; apt-mark showauto; echo "$*"; }; package_transact`,
      ),
    ).toBe(
      "pulumi-nspawn: removing client \n# What the Pulumi program asked for.\nasked git\nleaving client\nclient\ngit-man\ninstall client- old\n",
    );
    sets({});
    expect(run(sh`package_apt() { exit 9; }; package_transact`)).toBe("");
  });

  test("package_conclude marks what is wanted, records what is there, and says what is gone or stays", () => {
    root.install("git", "client");
    root.byHand(sh`apt-mark auto git`);
    sets({ going: ["old"], asking: ["git", "client", "nothing"], dropped: ["client"] });
    at("wanted-names", "git");
    run(sh`package_conclude`);
    expect([root.marks().git, notes()]).toEqual(["manual", ["asked git", "removed old", "kept client"]]);
  });
});
