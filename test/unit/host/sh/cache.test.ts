import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { answered, called, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

const images = "/var/lib/machines";
const cache = `${images}/.pulumi-cache`;
const MIB = 1024 * 1024;
const HOUR = 3600;

let host: ScratchHost;
afterEach(() => host.remove());

function start(programs: Readonly<Record<string, string>> = {}): void {
  host = new ScratchHost(programs);
  mkdirSync(host.at(cache), { recursive: true });
}

/** What all questions about a file system are answered with. */
const stat = (type: string) => `case $* in *%T*) echo ${type} ;; *%i*) echo 256 ;; *) command -p stat "$@" ;; esac`;

/** An entry that is a tree, with a file in it. */
function tree(key: string): void {
  host.write(`${cache}/${key}/etc/issue`, "Debian\n");
  host.write(`${cache}/${key}.built`, "");
  host.write(`${cache}/${key}.json`, "{}\n");
}

/** An entry that is an archive. */
function archive(key: string): void {
  tree(key);
  host.run(sh`tar -C "$cache"/${key} -cf "$cache"/${`${key}.tar`} .; rm -r "$cache"/${key}`);
}

/** Lets a file be so old. */
function age(path: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(host.at(path), then, then);
}

describe("cache_has", () => {
  beforeEach(() => start());
  const has = (days: number, key = "key") => host.holds(sh`cache_has ${key} ${days}`);

  test("holds for a tree and for an archive, once their description is there", () => {
    expect(has(0)).toBe(false);
    host.write(`${cache}/key/etc/issue`, "");
    host.write(`${cache}/other.tar`, "");
    expect([has(0), has(0, "other")]).toEqual([false, false]);
    for (const key of ["key", "other"]) host.write(`${cache}/${key}.json`, "{}");
    expect([has(0), has(0, "other")]).toEqual([true, true]);
  });

  test("does not hold for a description alone", () => {
    host.write(`${cache}/key.json`, "{}");
    expect(has(0)).toBe(false);
  });

  test("holds for an entry that is not older than so many days, which 0 is not about", () => {
    tree("key");
    age(`${cache}/key.built`, 47 * HOUR);
    expect([has(0), has(1), has(2), has(3)]).toEqual([true, false, true, true]);
    age(`${cache}/key.built`, 49 * HOUR);
    expect([has(0), has(2), has(3)]).toEqual([true, false, true]);
  });

  test("does not hold for an entry that is dated ahead, which would never be too old", () => {
    tree("key");
    age(`${cache}/key.built`, -47 * HOUR);
    expect(has(1)).toBe(true);
    age(`${cache}/key.built`, -49 * HOUR);
    expect([has(0), has(1)]).toEqual([true, false]);
  });

  test("takes the time when an entry was built, not when it was used or described", () => {
    tree("key");
    age(`${cache}/key.json`, 90 * HOUR);
    age(`${cache}/key`, 90 * HOUR);
    expect(has(1)).toBe(true);
  });
});

describe("cache_bytes", () => {
  beforeEach(() => start());

  test("prints the size of an archive", () => {
    host.write(`${cache}/key.tar`, "x".repeat(12345));
    expect(printed(host, sh`cache_bytes key`)).toBe("12345\n");
  });

  test("prints little for a tree, whose copy shares its blocks", () => {
    tree("key");
    expect(printed(host, sh`cache_bytes key`)).toBe(`${64 * MIB}\n`);
  });
});

describe("cache_build_bytes", () => {
  test.each([
    ["minbase", "btrfs", 400],
    ["apt", "btrfs", 600],
    ["minbase", "ext2/ext3", 650],
    ["apt", "ext2/ext3", 1000],
  ])("for the variant %s on %s prints %i MiB", (variant, type, expected) => {
    start({ stat: stat(type), btrfs: "", cp: "exit 1" });
    expect(printed(host, sh`cache_build_bytes ${variant}`)).toBe(`${expected * MIB}\n`);
  });

  test("counts no archive where files share their blocks", () => {
    start({ stat: stat("xfs"), cp: "" });
    expect(printed(host, sh`cache_build_bytes minbase; cache_build_bytes required`)).toBe(
      `${400 * MIB}\n${600 * MIB}\n`,
    );
  });
});

describe("cache_take", () => {
  test("makes the entry itself the tree, and no entry any more", () => {
    start();
    tree("key");
    tree("key2");
    host.run(sh`cache_take key "$images"/${"my 'new' tree"}`);
    expect(readFileSync(host.at(`${images}/my 'new' tree/etc/issue`), "utf8")).toBe("Debian\n");
    expect(readdirSync(host.at(cache)).sort()).toEqual(["key2", "key2.built", "key2.json"]);
  });

  test("lets a subvolume be written to, before it goes", () => {
    start({ stat: stat("btrfs"), btrfs: '[ -e "$4" ]' });
    tree("key");
    host.run(sh`cache_take key "$images/new"`);
    expect(called(host)).toContain(`btrfs property set -ts ${cache}/key ro false`);
    expect(existsSync(host.at(`${images}/new/etc/issue`))).toBe(true);
  });

  test("asks no btrfs about another tree", () => {
    start({ stat: stat("xfs"), btrfs: "exit 1" });
    tree("key");
    host.run(sh`cache_take key "$images/new"`);
    expect(existsSync(host.at(`${images}/new/etc/issue`))).toBe(true);
  });

  test("fails where there is no entry", () => {
    start();
    expect(() => host.run(sh`cache_take key "$images/new"`)).toThrow("exit status 1");
  });

  test("puts nothing into a tree that is there", () => {
    start();
    tree("key");
    host.write(`${images}/new/file`, "");
    expect(() => host.run(sh`cache_take key "$images/new"`)).toThrow("exit status 1");
    expect(readdirSync(host.at(`${images}/new`))).toEqual(["file"]);
  });
});

describe("cache_copy", () => {
  const copy = (path = `${images}/my 'new' tree`) => answered(host, sh`cache_copy key ${path}; answer copied`);
  const copied = () => readFileSync(host.at(`${images}/my 'new' tree/etc/issue`), "utf8");

  test.each([
    ["a tree", tree],
    ["an archive", archive],
  ])("copies %s, keeps it and notes its use", (_, make) => {
    start();
    make("key");
    age(`${cache}/key.json`, 90 * HOUR);
    const before = readdirSync(host.at(cache)).sort();
    expect(copy()).toEqual([["copied"]]);
    expect(copied()).toBe("Debian\n");
    expect(readdirSync(host.at(cache)).sort()).toEqual([...before, "key.lock"].sort());
    expect(Date.now() - statSync(host.at(`${cache}/key.json`)).mtimeMs).toBeLessThan(24 * HOUR * 1000);
  });

  test("copies links as links, and modes as they are", () => {
    start();
    tree("key");
    symlinkSync("/etc/issue", host.at(`${cache}/key/link`));
    host.write(`${cache}/key/bin/su`, "", 0o750);
    expect(copy(`${images}/new`)).toEqual([["copied"]]);
    expect(printed(host, sh`readlink "$images/new/link"; stat -c %a "$images/new/bin/su"`)).toBe("/etc/issue\n750\n");
  });

  test("makes a snapshot of a subvolume", () => {
    start({ stat: stat("btrfs"), btrfs: "echo chatter" });
    tree("key");
    expect(copy()).toEqual([["copied"]]);
    expect(called(host)).toContain(`btrfs -q subvolume snapshot ${cache}/key ${images}/my 'new' tree`);
    expect(existsSync(host.at(`${images}/my 'new' tree`))).toBe(false);
  });

  test("unpacks an archive into a subvolume on btrfs", () => {
    start({ stat: stat("btrfs"), btrfs: 'case $* in *create*) mkdir "$4" ;; esac' });
    archive("key");
    expect(copy()).toEqual([["copied"]]);
    expect(called(host)).toContain(`btrfs -q subvolume create ${images}/my 'new' tree`);
    expect(copied()).toBe("Debian\n");
  });

  test("refuses where the entry is gone meanwhile", () => {
    start();
    tree("key");
    host.run(sh`rm "$cache/key.json"`);
    expect(copy()).toEqual([["refused", "base-gone", "key"]]);
    expect(readdirSync(host.at(images))).toEqual([".pulumi-cache"]);
  });

  test("refuses where somebody replaces the entry for too long", () => {
    start({ flock: "exit 1" });
    tree("key");
    expect(copy()).toEqual([["refused", "locked", "the base key"]]);
    expect(called(host)).toEqual(["flock -s -w 300 7"]);
    expect(readdirSync(host.at(images))).toEqual([".pulumi-cache"]);
  });

  test("copies while others copy, keeps out who would replace the entry, and lets go at the end", () => {
    // Whoever would have to wait fails at once.
    start({ flock: 'command -p flock -n "$@"', cp: 'flock "$4.lock" true && exit 1; command -p cp "$@"' });
    tree("key");
    const other = sh`exec 6>>"$cache/key.lock"; flock -s 6`;
    const look = sh`exec 6>&-; if flock -n "$cache/key.lock" true; then answer free; else answer held; fi`;
    expect(answered(host, lines([other, sh`cache_copy key "$images/new"`, look]))).toEqual([["free"]]);
    expect(existsSync(host.at(`${images}/new/etc/issue`))).toBe(true);
  });

  test.each([
    ["an archive that is broken", () => host.write(`${cache}/key.tar`, "no archive")],
    ["a place that is not there", () => symlinkSync("nowhere/at-all", host.at(`${images}/my 'new' tree`))],
  ])("fails for %s", (_, spoil) => {
    start();
    tree("key");
    spoil();
    expect(() => copy()).toThrow("exit status");
  });
});

describe("cache_inodes", () => {
  test("prints how many files an entry has, if that is noted", () => {
    start();
    tree("key");
    expect(printed(host, sh`cache_inodes key; cache_inodes none`)).toBe("0\n0\n");
    host.write(`${cache}/key.built`, "8123\n");
    expect(printed(host, sh`cache_inodes key`)).toBe("8123\n");
  });
});

test("cache_build_inodes prints more for a larger variant", () => {
  start();
  const [small = 0, large = 0] = printed(host, sh`cache_build_inodes minbase; cache_build_inodes important`)
    .split("\n")
    .map(Number);
  expect([small > 1000, large > small]).toEqual([true, true]);
});

describe("cache_room", () => {
  const room = (bytes: number, inodes: number) => answered(host, sh`cache_room ${bytes} ${inodes}; answer room`);
  const disk = (line: string) => start({ df: `echo Avail Inodes; echo '${line}'` });

  test("is content with just enough", () => {
    disk(" 500  1000   40 /dev/vda /var/lib/machines");
    expect(room(500, 40)).toEqual([["room"]]);
  });

  test("refuses where too little is free, and says on which file system", () => {
    disk(" 499  1000   40 /dev/vda /srv/my images");
    expect(room(500, 40)).toEqual([["refused", "no-space", "500", "499", "/srv/my images", "/dev/vda"]]);
  });

  test("refuses where too few inodes are free", () => {
    disk(" 500  1000   39 /dev/vda /");
    expect(room(500, 40)).toEqual([["refused", "no-inodes", "40", "39", "/", "/dev/vda"]]);
  });

  test.each(["0", "-"])("asks for no inodes where a file system has no limit: %s", (none) => {
    disk(` 500 ${none} ${none} /dev/vda /`);
    expect(room(500, 40)).toEqual([["room"]]);
  });
});

/** `systemctl` of a host on which the unit of one key runs. */
const runs = (key: string) => `case $* in *-${key}.service) echo running ;; *) echo dead ;; esac`;
const entries = () =>
  readdirSync(host.at(cache))
    .filter((name) => !name.endsWith(".lock"))
    .sort();

/** What a build left that was interrupted while it stored the base. */
function unfinished(key: string): void {
  host.write(`${cache}/.building-${key}/etc/issue`, "");
  host.write(`${cache}/${key}.tar.new`, "");
  host.write(`${cache}/${key}.json.new`, "");
}

describe("cache_discard", () => {
  test("removes what is unfinished of an entry, and leaves a complete one and others", () => {
    start();
    for (const key of ["key", "key2"]) unfinished(key);
    tree("key");
    const others = [".building-key2", "key2.json.new", "key2.tar.new"];
    host.run(sh`cache_discard key`);
    expect(entries()).toEqual([...others, "key", "key.built", "key.json"].sort());
    host.run(sh`rm "$cache/key.json"; : >"$cache/key.tar"; cache_discard key`);
    expect(entries()).toEqual(others);
  });

  test("fails if something cannot be removed", () => {
    start();
    unfinished("key");
    expect(host.holds(sh`image_remove() { return 1; }; cache_discard key`)).toBe(false);
  });
});

describe("cache_keys", () => {
  test("prints each key once, whatever there is of it", () => {
    start();
    unfinished("a");
    tree("b-c");
    archive("d");
    host.write(`${cache}/e.lock`, "");
    expect(printed(host, sh`cache_keys`)).toBe("a\nb-c\nd\n");
  });

  test("prints nothing for an empty cache", () => {
    start();
    expect(printed(host, sh`cache_keys`)).toBe("");
  });
});

describe("cache_idle", () => {
  const idle = (more = sh`:`) => host.holds(sh`mkdir -p /run/pulumi-nspawn; ${more}; ( cache_idle key )`);

  test.each([
    ["dead", true],
    ["failed", true],
    ["exited", true],
    ["running", false],
    ["start", false],
    ["stop-sigterm", false],
    ["stop-post", false],
    ["", false],
  ])("a unit that is %j means that nobody works on the entry: %s", (state, expected) => {
    start({ systemctl: `echo ${state}` });
    expect(idle()).toBe(expected);
  });

  test.each(["/run/pulumi-nspawn/pulumi-nspawn-base-key.lock", `${cache}/key.lock`])("not if %s is held", (lock) => {
    start({ systemctl: "echo dead" });
    expect(idle(sh`exec 5>>${lock}; flock -s 5`)).toBe(false);
  });
});

describe("cache_unfinished", () => {
  test("is an entry without a description, or one that is also being built", () => {
    start();
    const is = (key: string) => host.holds(sh`cache_unfinished ${key}`);
    tree("key");
    expect([is("key"), is("none")]).toEqual([false, true]);
    host.write(`${cache}/.building-key/x`, "");
    expect(is("key")).toBe(true);
    host.run(sh`rm -r "$cache/.building-key"; : >"$cache/key.tar.new"`);
    expect(is("key")).toBe(true);
    host.run(sh`mv "$cache/key.tar.new" "$cache/key.json.new"`);
    expect(is("key")).toBe(true);
  });
});

describe("cache_forgotten", () => {
  test("is an entry for one root that nobody has taken for a day", () => {
    start();
    const is = (key: string) => host.holds(sh`cache_forgotten ${key}`);
    for (const key of ["key", "key-mine", "key-new"]) tree(key);
    for (const key of ["key", "key-mine"]) age(`${cache}/${key}.json`, 25 * HOUR);
    age(`${cache}/key-new.json`, 23 * HOUR);
    expect([is("key"), is("key-mine"), is("key-new"), is("no-ne")]).toEqual([false, true, false, false]);
  });
});

describe("cache_sweep", () => {
  const sweep = (more = sh`:`) => answered(host, sh`mkdir -p /run/pulumi-nspawn; ${more}; cache_sweep; answer later`);

  test("removes what nobody finishes, and leaves complete entries and running builds", () => {
    start({ systemctl: runs("busy") });
    for (const key of ["busy", "dead"]) unfinished(key);
    for (const key of ["whole", "old-mine", "new-mine", "half"]) tree(key);
    age(`${cache}/old-mine.json`, 25 * HOUR);
    host.run(sh`rm "$cache/half.json"`);
    expect(sweep()).toEqual([["later"]]);
    const left = [".building-busy", "busy.json.new", "busy.tar.new"];
    for (const key of ["whole", "new-mine"]) left.push(key, `${key}.built`, `${key}.json`);
    expect(entries()).toEqual(left.sort());
  });

  test("leaves what somebody is about to build, or uses", () => {
    start({ systemctl: runs("none") });
    for (const key of ["a", "b"]) unfinished(key);
    const before = entries();
    expect(
      sweep(sh`exec 4>>/run/pulumi-nspawn/pulumi-nspawn-base-a.lock 5>>"$cache/b.lock"; flock 4; flock -s 5`),
    ).toEqual([["later"]]);
    expect(entries()).toEqual(before);
  });

  test("asks nothing of a host whose cache is complete, or which has none", () => {
    start({ systemctl: runs("none") });
    tree("key");
    expect(sweep()).toEqual([["later"]]);
    host.run(sh`rm -r "$cache"`);
    expect(sweep()).toEqual([["later"]]);
    expect(called(host)).toEqual([]);
  });

  test("what cannot be removed is a warning", () => {
    start({ systemctl: runs("none") });
    unfinished("key");
    expect(sweep(sh`image_remove() { return 1; }`)).toEqual([
      ["warning", `${cache}/key is unfinished, and could not be removed`],
      ["later"],
    ]);
  });
});
