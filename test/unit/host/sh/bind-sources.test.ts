import { existsSync, mkdirSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { answered, refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const MARKERS = "var/lib/pulumi-nspawn/sources";
/** A list of machines in a file, and the leader of each, whose number leads below the scratch directory. */
const machinectl = `
scratch=\${0%/bin/machinectl}
case $1 in
  show) [ ! -e "$scratch/unshown" ] && echo "..$scratch/leaders/$2" ;;
esac
`;
/** The machines in a file, as systemd-machined lists them. */
const busctl = `
scratch=\${0%/bin/busctl}
printf 'a(ssso) %s' "$(wc -l <"$scratch/machines")"
while read -r name; do printf ' "%s" "container" "systemd-nspawn" "/org/freedesktop/machine1/machine/%s"' "$name" "$name"; done <"$scratch/machines"
echo
`;
/** All paths are in one file system, mounted in /srv from its directory @data. */
const findmnt = `
[ "$1 $2 $4" = "-n -o -T" ] || exit 1
case $3 in MAJ:MIN) echo "  0:42 " ;; FSROOT) echo "/@data" ;; TARGET) echo /srv ;; esac
`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ machinectl, busctl, findmnt, sleep: "" });
  host.write("machines", "");
});
afterEach(() => host.remove());

const marker = (name: string, content: object) => host.write(`${MARKERS}/${name}.json`, JSON.stringify(content));
const outputOf = (script: Script) => host.ended(script).stdout;

/** Machines that run, each with lines of its mountinfo(5). */
function machines(all: Readonly<Record<string, readonly string[]>>): void {
  host.write(
    "machines",
    Object.keys(all)
      .map((name) => `${name}\n`)
      .join(""),
  );
  for (const [name, mounts] of Object.entries(all)) {
    host.write(`leaders/${name}/mountinfo`, mounts.map((mount) => `${mount}\n`).join(""));
  }
}

const mount = (root: string, device = "0:42") => `36 35 ${device} ${root} /mnt rw,noatime shared:1 - ext4 /dev/x rw`;

describe("source_is_of", () => {
  const isOf = (owner: string) => host.ended(sh`source_is_of ${`/${MARKERS}/x.json`} ${owner}`).status === 0;

  test("tells whose a source is", () => {
    marker("x", { owner: "me.*", path: "/srv" });
    expect([isOf("me.*"), isOf("me"), isOf("")]).toEqual([true, false, false]);
  });

  test("a marker that is not there is nobody's", () => {
    expect([isOf("me"), isOf("")]).toEqual([false, false]);
  });
});

describe("source_forget", () => {
  const forget = (name: string) => host.run(sh`source_forget ${`/${MARKERS}/${name}.json`}`);

  test("removes the last marker with its directories", () => {
    marker("x", {});
    forget("x");
    expect(existsSync(host.at("var/lib/pulumi-nspawn"))).toBe(false);
    expect(existsSync(host.at("var/lib"))).toBe(true);
  });

  test("leaves other markers, and what else is there", () => {
    marker("x", {});
    marker("y", {});
    host.write("var/lib/pulumi-nspawn/other", "");
    forget("x");
    const there = ["sources/x.json", "sources/y.json", "other"].map((name) =>
      existsSync(host.at(`var/lib/pulumi-nspawn/${name}`)),
    );
    expect(there).toEqual([false, true, true]);
    forget("y");
    expect([existsSync(host.at(MARKERS)), existsSync(host.at("var/lib/pulumi-nspawn/other"))]).toEqual([false, true]);
  });

  test("is content with a marker that is gone", () => {
    expect(forget("x")).toEqual([]);
  });
});

describe("source_share", () => {
  /** How many directories count as made for a source of which so many were. */
  const share = (path: string, made: number) =>
    outputOf(sh`source_made=${made}; source_share ${path}; echo "$source_made"`).trim();

  test("directories that were made for another source count for one below them too", () => {
    marker("x", { owner: "me", path: "/srv/team/a b/one", made: "3" });
    expect([share("/srv/team/two", 1), share("/srv/team/a b/two", 1), share("/srv/team/c/d/two", 1)]).toEqual([
      "2",
      "3",
      "4",
    ]);
  });

  test("what was made for the source itself counts where it is more", () => {
    marker("x", { owner: "me", path: "/srv/team/one", made: "2" });
    const shared = [1, 2, 3].map((made) => share("/srv/team/two", made));
    expect(shared).toEqual(["2", "2", "3"]);
  });

  test("the most of all sources counts", () => {
    marker("a", { path: "/srv/team/x/one", made: "3" });
    marker("b", { path: "/srv/team/x/two", made: "2" });
    expect(share("/srv/team/x/three", 1)).toBe("3");
    marker("0", { path: "/srv/other/one", made: "3" });
    expect(share("/srv/team/x/three", 1)).toBe("4");
  });

  test("a source that was there before takes no part", () => {
    marker("x", { path: "/srv/team/one", made: "2" });
    expect(share("/srv/team/two", 0)).toBe("0");
  });

  test("other sources are of no matter that made only themselves, or none, or elsewhere", () => {
    marker("a", { path: "/srv/team/one", made: "1" });
    marker("b", { path: "/srv/team/three", made: "0" });
    marker("c", { path: "/srv/te/one", made: "2" });
    marker("d", { path: "/srv/te*/one", made: "2" });
    expect(share("/srv/team/two", 1)).toBe("1");
  });

  test("no marker at all, and one of no number, change nothing", () => {
    expect(share("/srv/team/two", 1)).toBe("1");
    marker("x", { path: "/srv/team/one" });
    expect(share("/srv/team/two", 1)).toBe("1");
  });
});

describe("source_enter", () => {
  test("goes to a directory, and makes what is missing for root alone", () => {
    const path = host.at("-a b/it's");
    const script = sh`source_enter ${path}; pwd -P; stat -c %a . ..`;
    expect(outputOf(script)).toBe(`${path}\n700\n700\n`);
    expect(outputOf(script)).toBe(`${path}\n700\n700\n`);
  });

  test("refuses a path that leads over a link", () => {
    mkdirSync(host.at("elsewhere"));
    symlinkSync(host.at("elsewhere"), host.at("link"));
    const [link, real] = [host.at("link"), host.at("elsewhere")];
    expect(host.run(sh`source_enter ${link}; answer "never here"`)).toEqual(
      refused("source-symlink", link, link, real, real),
    );
  });

  test("makes nothing behind a link", () => {
    mkdirSync(host.at("elsewhere"));
    symlinkSync(host.at("elsewhere"), host.at("link"));
    const path = host.at("link/inner");
    const real = host.at("elsewhere/inner");
    expect(host.run(sh`source_enter ${path}`)).toEqual(refused("source-symlink", path, path, real, real));
    expect(existsSync(real)).toBe(false);
  });

  test("ends the script where something else is in the way", () => {
    host.write("plain", "");
    const { status, stdout } = host.ended(sh`source_enter ${host.at("plain/below")}; echo "never here"`);
    expect(status).not.toBe(0);
    expect(stdout).toBe("");
  });
});

describe("source_machines", () => {
  test("lists the names of the machines, a line each", () => {
    machines({ web: [], "db-1": [] });
    expect(outputOf(sh`source_machines`)).toBe("web\ndb-1\n");
  });

  test("prints nothing if there is none", () => {
    expect(host.ended(sh`source_machines`)).toMatchObject({ status: 0, stdout: "" });
  });

  test("ends the script if systemd-machined does not answer, also in a condition", () => {
    const script = sh`if source_machines; then :; fi; echo "never here"`;
    host.program("busctl", "echo 'a(ssso) 0'; exit 1");
    expect(host.ended(script)).toMatchObject({ status: 1, stdout: "" });
  });
});

describe("source_mounts", () => {
  const of = (machine: string) => sh`source_device=0:42 source_listed=/@data/a; source_mounts ${machine}`;

  test("prints the first mount of a source that a machine has", () => {
    machines({ web: [mount("/other"), mount("/@data/a/b"), mount("/@data/a")], db: [mount("/@data/a")] });
    expect(outputOf(of("web"))).toBe("/@data/a/b\n");
    expect(host.calls()).toEqual(["machinectl show web -p Leader --value"]);
  });

  test("prints nothing of a machine that has another source, or that has stopped meanwhile", () => {
    machines({ web: [mount("/@data/ab")], "web-2": [mount("/@data/a")], awebb: [] });
    for (const machine of ["web", "gone"])
      expect(host.ended(of(machine))).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\n?$/), stderr: "" });
  });

  test("asks again while a machine is listed, and takes what it has at last", () => {
    machines({ web: [] });
    host.write("unshown", "");
    const script = sh`sleep() { rm -f -- ${host.at("unshown")}; echo "slept $*"; }; ${of("web")}`;
    writeFileSync(host.at("leaders/web/mountinfo"), `${mount("/@data/a")}\n`);
    expect(host.ended(script)).toEqual({ status: 0, stdout: "slept 0.1\n/@data/a\n", stderr: "" });
  });

  test("ends the script if a machine stays listed and cannot be looked into", () => {
    machines({ web: [] });
    host.write("unshown", "");
    const fast = sh`sleep() { echo slept; }; source_machines() { echo web; }; machinectl() { return 1; }`;
    const { status, stdout, stderr } = host.ended(sh`${fast}; if source_mounts web; then :; fi; echo "never here"`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "slept\n".repeat(49) });
    expect(stderr).toBe("the mounts of the machine web cannot be read\n");
  });

  test("ends the script if it cannot be known whether the machine is still there", () => {
    const script = sh`machinectl() { return 1; }; registered_machines() { return 1; }; if source_mounts web; then :; fi; echo "never here"`;
    expect(host.ended(script)).toMatchObject({ status: 1, stdout: "" });
  });
});

describe("source_users", () => {
  const users = (path: string) => outputOf(sh`source_users ${path}`);

  test("are the machines that have it or something in it mounted", () => {
    machines({
      web: [mount("/other"), mount("/@data/team")],
      db: [mount("/@data/team/inner/most")],
      mail: [mount("/@data/other"), mount("/@data/teams"), mount("/@data"), mount("/team"), mount("/x/@data/team/y")],
    });
    expect(users("/srv/team")).toBe("web db ");
  });

  test("are not those that have the same path of another file system", () => {
    machines({ web: [mount("/@data/team", "0:43"), mount("/@data/team", "10:42")] });
    expect(users("/srv/team")).toBe("");
  });

  test.each([
    ["/srv/a b", "/@data/a\\040b"],
    ["/srv/a\\b", "/@data/a\\134b"],
    ["/srv/a\\040b", "/@data/a\\134040b"],
    ["/srv/a.b'c&d", "/@data/a.b'c&d"],
  ])("are found by names as the kernel writes them: %s", (path, root) => {
    machines({ web: [mount(root)], db: [mount(root.replace(/\\|\./g, "x"))] });
    expect(users(path)).toBe("web ");
  });

  test("are found in a file system that is mounted whole, and in that of the root", () => {
    host.remove();
    const whole = 'case $3 in MAJ:MIN) echo "0:42" ;; *) echo / ;; esac';
    host = new ScratchHost({ machinectl, busctl, findmnt: whole });
    machines({ web: [mount("/srv/team")] });
    expect([users("/srv/team"), users("/srv")]).toEqual(["web ", "web "]);
  });

  test("are found if the source is itself where a file system is mounted", () => {
    host.remove();
    const own = 'case $3 in MAJ:MIN) echo "0:42" ;; FSROOT) echo /@data ;; *) echo /srv/team ;; esac';
    host = new ScratchHost({ machinectl, busctl, findmnt: own });
    machines({ web: [mount("/@data")], db: [mount("/@data/inner")], mail: [mount("/@database")] });
    expect(users("/srv/team")).toBe("web db ");
  });

  test("there are none where no machine runs, or none can", () => {
    expect(host.ended(sh`source_users /srv/team`)).toMatchObject({ status: 0, stdout: "" });
    const without = sh`command() { return 1; }; machinectl() { echo "never here"; exit 1; }`;
    expect(host.ended(sh`${without}; source_users /srv/team`)).toMatchObject({ status: 0, stdout: "" });
  });

  test("end the script where they cannot be known", () => {
    const list = sh`registered_machines() { return 1; }; source_users /srv/team; echo "never here"`;
    expect(host.ended(list)).toMatchObject({ status: 1, stdout: "" });
    machines({ web: [] });
    const mounts = sh`source_mounts() { exit 1; }; source_users /srv/team; echo "never here"`;
    expect(host.ended(mounts)).toMatchObject({ status: 1, stdout: "" });
  });
});

describe("source_unused", () => {
  const unused = (path: string) => host.run(sh`source_unused ${path}; answer unused`);

  test("refuses a source with the machines that use it", () => {
    machines({ web: [mount("/@data/team")], mail: [], db: [mount("/@data/team/x")] });
    expect(unused("/srv/team")).toEqual(refused("source-used", "/srv/team", "web db "));
  });

  test("is content with one that nobody uses", () => {
    machines({ web: [mount("/@data/teams")] });
    expect(unused("/srv/team")).toEqual([{ key: "unused", values: [] }]);
  });

  test("ends the script where the users cannot be known", () => {
    const script = sh`registered_machines() { return 1; }; source_unused /srv/team; echo "never here"`;
    expect(host.ended(script)).toMatchObject({ status: 1, stdout: "" });
  });
});

describe("source_remove", () => {
  const SOURCE = "srv/a b/-c\\d";
  /** Below the scratch directory, of which so many directories count as made. */
  const remove = (how: string, made = 1, path = SOURCE) => {
    marker("x", { owner: "me", path: host.at(path), made: String(made) });
    return answered(
      host,
      sh`image_mounts() { cat ${host.at("mounts")}; }; source_users() { cat ${host.at("users")}; }
cd ${host.at("")}; source_remove ${[host.at(`${MARKERS}/x.json`), host.at(path), how]}; answer in "$(pwd)"`,
    );
  };
  const KEPT = [
    ["kept", `/${SOURCE}`],
    ["in", ""],
  ];
  const REMOVED = [["in", ""]];
  const there = (path: string) => existsSync(host.at(path));
  beforeEach(() => {
    host.write("mounts", "");
    host.write("users", "");
    mkdirSync(host.at(SOURCE), { recursive: true });
  });

  test("an empty one goes, and what is around it stays", () => {
    expect(remove("empty")).toEqual(REMOVED);
    expect([there(SOURCE), there("srv/a b")]).toEqual([false, true]);
  });

  test("directories above it that were made go too, up to the first with something else in it", () => {
    host.write("srv/other", "");
    expect(remove("empty", 3)).toEqual(REMOVED);
    expect([there("srv/a b"), there("srv/other")]).toEqual([false, true]);
  });

  test("one that is gone already is no failure", () => {
    expect(remove("full", 3, "srv/gone/x")).toEqual(REMOVED);
    expect(there(SOURCE)).toBe(true);
  });

  test("what it holds stays, and so does one that was there before, unless all of it is to go", () => {
    expect(remove("empty", 0)).toEqual(KEPT);
    host.write(`${SOURCE}/.data`, "x");
    expect(remove("empty", 2)).toEqual(KEPT);
    expect(there(`${SOURCE}/.data`)).toBe(true);
    expect(remove("full", 1)).toEqual(REMOVED);
    expect([there(SOURCE), there("srv/a b")]).toEqual([false, true]);
  });

  test.each(["empty", "full"])("a link that stands there now is left, with what it leads to: %s", (how) => {
    host.write("precious/x", "");
    rmdirSync(host.at(SOURCE));
    symlinkSync(host.at("precious"), host.at(SOURCE));
    expect(remove(how, 2)).toEqual(KEPT);
    expect([there("precious/x"), there(SOURCE)]).toEqual([true, true]);
  });

  test.each(["empty", "full"])("so is one that is now behind a link: %s", (how) => {
    mkdirSync(host.at("precious/-c\\d"), { recursive: true });
    rmdirSync(host.at(SOURCE));
    rmdirSync(host.at("srv/a b"));
    symlinkSync(host.at("precious"), host.at("srv/a b"));
    expect(remove(how, 2)).toEqual(KEPT);
    expect(there("precious/-c\\d")).toBe(true);
  });

  test.each(["empty", "full"])("a file that stands there now is left: %s", (how) => {
    rmdirSync(host.at(SOURCE));
    host.write(SOURCE, "mine");
    expect(remove(how, 2)).toEqual(KEPT);
  });

  test("nothing of it goes while something is mounted below it", () => {
    host.write(`${SOURCE}/data`, "x");
    host.write("mounts", "/srv/mnt\n");
    expect(remove("full")).toEqual([["refused", "source-mounted", `/${SOURCE}`, "/srv/mnt"]]);
    expect(there(`${SOURCE}/data`)).toBe(true);
  });

  test.each(["empty", "full"])("nor while a machine uses it: %s", (how) => {
    host.write("users", "web ");
    expect(remove(how)).toEqual([["refused", "source-used", `/${SOURCE}`, "web "]]);
    expect(there(SOURCE)).toBe(true);
  });

  test("a failing removal fails it", () => {
    host.program("rm", "exit 1");
    host.program("chattr", "");
    host.write(`${SOURCE}/data`, "x");
    expect(() => remove("full", 2)).toThrow("exit status");
    expect(there(`${SOURCE}/data`)).toBe(true);
  });
});
