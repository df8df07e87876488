import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { answered, called, printed } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
afterEach(() => host.remove());

const images = "/var/lib/machines";
const web = `${images}/web`;

/** A host with these programs in the place of its own, and the tree `web`. */
function start(programs: Readonly<Record<string, string>> = {}): void {
  host = new ScratchHost(programs, ["/proc", "/run/systemd"]);
  mkdirSync(host.at(`${web}/usr`), { recursive: true });
  host.write("/proc/locks", "");
  host.write("/proc/self/mountinfo", "");
}

/** The system's own program. */
const own = (name: string) => `command -p ${name} "$@"`;
/** `stat` on a file system, for an inode. */
const stat = (type: string, inode = 256) => `case $* in *%T*) echo ${type} ;; *) echo ${inode} ;; esac`;

/** Runs a script where the host has no programs but those of the test. */
const alone = (script: Script) => sh`PATH=${host.at("bin")}; ${script}`;

describe("image_is_subvolume", () => {
  test.each([
    ["btrfs", 256, true],
    ["btrfs", 257, false],
    ["ext2/ext3", 256, false],
  ])("on %s, whether inode %i is one: %s", (type, inode, expected) => {
    start({ stat: stat(type, inode) });
    expect(host.holds(sh`image_is_subvolume ${"/a 'tree'"}`)).toBe(expected);
    expect(called(host)[0]).toBe("stat -c %i -- /a 'tree'");
  });

  test("does not hold for what is not there", () => {
    start();
    expect(host.holds(sh`image_is_subvolume "$images/none" 2>/dev/null`)).toBe(false);
  });
});

describe("image_identity", () => {
  const identity = (path: string) => printed(host, sh`image_identity ${path}`);

  test("prints what a tree keeps when it is renamed, and what a copy has not", () => {
    start();
    const before = identity(web);
    expect(before).toMatch(/^\d+:\d+\n$/);
    mkdirSync(host.at(`${images}/copy`));
    renameSync(host.at(web), host.at(`${images}/new name`));
    expect(identity(`${images}/new name`)).toBe(before);
    expect(identity(`${images}/copy`)).not.toBe(before);
  });

  test("prints the ID of a subvolume, since all of them have the same inode", () => {
    start({ stat: `case $* in *%T*) echo btrfs ;; *%W*) echo 256:17 ;; *) echo 256 ;; esac`, btrfs: "echo 290" });
    expect(identity(web)).toBe("subvolume:290\n");
    expect(called(host)).toContain(`btrfs inspect-internal rootid ${web}`);
  });

  test("asks no btrfs about another file system's inode 256", () => {
    start({ stat: `case $* in *%T*) echo xfs ;; *%W*) echo 256:17 ;; *) echo 256 ;; esac`, btrfs: "echo 290" });
    expect(identity(web)).toBe("256:17\n");
  });

  test("fails for what is not there", () => {
    start();
    expect(host.holds(sh`image_identity "$images/none" 2>/dev/null`)).toBe(false);
  });
});

describe("image_backend", () => {
  const copies = `for last; do :; done; : >"$last"`;

  test("is btrfs on btrfs, and then tries nothing", () => {
    start({ stat: stat("btrfs"), btrfs: "", cp: "" });
    expect(printed(host, sh`image_backend`)).toBe("btrfs\n");
    expect(called(host)).toEqual([`stat -f -c %T ${images}`]);
  });

  test("is reflink on btrfs without its program", () => {
    start({ stat: stat("btrfs"), cp: copies, rm: own("rm") });
    expect(printed(host, alone(sh`image_backend`))).toBe("reflink\n");
  });

  test("is reflink where another file system copies that way", () => {
    start({ stat: stat("xfs"), btrfs: "", cp: copies });
    expect(printed(host, sh`image_backend`)).toBe("reflink\n");
    expect(called(host).join("\n")).toContain("cp --reflink=always -- ");
  });

  test("is tar where it does not", () => {
    start({ stat: stat("ext2/ext3"), cp: "echo unsupported >&2; exit 1" });
    expect(printed(host, sh`image_backend`)).toBe("tar\n");
  });

  test.each([copies, `${copies}; exit 1`])("leaves nothing of what it tried: %s", (cp) => {
    start({ stat: stat("xfs"), cp });
    host.run(sh`image_backend`);
    expect(called(host).some((call) => call.startsWith("cp "))).toBe(true);
    expect(readdirSync(host.at(images))).toEqual(["web"]);
  });
});

describe("image_create", () => {
  test("makes a directory that others can read, whatever the umask", () => {
    start({ stat: stat("xfs"), btrfs: "exit 1" });
    host.run(sh`umask 077; image_create "$images/"${"my 'new' tree"}`);
    expect(statSync(host.at(`${images}/my 'new' tree`)).mode & 0o777).toBe(0o755);
  });

  test("fails where there is something already", () => {
    start();
    expect(host.holds(sh`image_create ${web} 2>/dev/null`)).toBe(false);
  });

  test("makes a subvolume on btrfs, and says nothing", () => {
    start({ stat: stat("btrfs"), btrfs: "echo chatter" });
    expect(printed(host, sh`image_create ${`${images}/a b`}`)).toBe("");
    expect(called(host)).toEqual([`stat -f -c %T ${images}`, `btrfs -q subvolume create ${images}/a b`]);
    expect(existsSync(host.at(`${images}/a b`))).toBe(false);
  });

  test("fails where no subvolume can be made", () => {
    start({ stat: stat("btrfs"), btrfs: "exit 1" });
    expect(host.holds(sh`image_create "$images/new"`)).toBe(false);
  });

  test("makes a directory on btrfs without its program", () => {
    start({ stat: stat("btrfs"), mkdir: own("mkdir") });
    host.run(alone(sh`image_create "$images/new"`));
    expect(statSync(host.at(`${images}/new`)).isDirectory()).toBe(true);
  });
});

/** Writes the kernel's list of mounts. */
function mounted(...paths: string[]): void {
  const lines = paths.map((path) => `36 35 98:0 / ${host.at(path)} rw,noatime master:1 - ext4 /dev/root rw\n`);
  host.write("/proc/self/mountinfo", lines.join(""));
}

describe("image_mounts", () => {
  const mounts = (path: string) => printed(host, sh`image_mounts ${path}`);

  test("prints the tree itself and what is below it, where something is mounted", () => {
    start();
    mounted("/", images, web, `${web}/usr`, `${web}/srv/a\\040b`);
    expect(mounts(web)).toBe([web, `${web}/usr`, `${web}/srv/a\\040b`, ""].join("\n"));
  });

  test.each([
    ["a b", "a\\040b"],
    ["a\tb", "a\\011b"],
    ["a\\b", "a\\134b"],
    ["a\\040b", "a\\134040b"],
  ])("finds what is mounted below a path as the kernel lists it: %j", (name, listed) => {
    start();
    mkdirSync(host.at(`/srv/${name}`), { recursive: true });
    mounted(`/srv/${listed}/usr`, `/srv/${listed}x`);
    expect(mounts(host.at(`/srv/${name}`))).toBe(`/srv/${listed}/usr\n`);
  });

  test("prints nothing of what is above or has a name that begins alike", () => {
    start();
    mounted("/", images, `${web}2`, `${web}2/usr`, `${web}.old`, `/other${web}`);
    expect(mounts(web)).toBe("");
  });

  test("follows symbolic links to where mounts are in fact", () => {
    start();
    symlinkSync(host.at(web), host.at(`${images}/link`));
    mounted(`${web}/usr`);
    expect(mounts(`${images}/link`)).toBe(`${web}/usr\n`);
  });
});

/** A line of the kernel's list of locks, about a file on the device 254:3. */
const lock = (inode: number | string, device = "fe:03") =>
  `1: OFDLCK ADVISORY  WRITE -1 ${device}:${inode} 0 EOF\n2: FLOCK  ADVISORY  READ 812 00:1a:9 0 EOF\n`;
const inodeOf = (path: string) => lstatSync(host.at(path)).ino;

describe("image_lock_is_held", () => {
  const file = `${images}/.#web.lck`;
  const held = () => host.holds(sh`image_lock_is_held ${file}`);
  function startWith(device: string): void {
    start({ findmnt: `echo ${device}` });
    host.write(file, "");
  }

  test("holds where the kernel lists a lock of the file on its file system", () => {
    startWith("254:3");
    host.write("/proc/locks", lock(inodeOf(file)));
    expect(held()).toBe(true);
    expect(called(host)).toEqual([`findmnt -n -o MAJ:MIN -T ${file}`]);
  });

  test("does not hold for a lock of another file or file system", () => {
    startWith("254:3");
    expect(held()).toBe(false);
    for (const other of [lock(`${inodeOf(file)}0`), lock(`1${inodeOf(file)}`), lock(inodeOf(file), "fe:04")]) {
      host.write("/proc/locks", other);
      expect(held()).toBe(false);
    }
  });

  test("knows devices of one digit, and of three", () => {
    startWith("8:259");
    host.write("/proc/locks", lock(inodeOf(file), "08:103"));
    expect(held()).toBe(true);
  });
});

describe("image_is_locked", () => {
  const locked = () => host.holds(sh`image_is_locked ${web}`);
  const byInode = () => {
    const { dev, ino } = statSync(host.at(web));
    return `/run/systemd/nspawn/locks/inode-${dev}:${ino}`;
  };

  test.each([
    ["by the tree's name", () => `${images}/.#web.lck`],
    ["by the tree's inode", byInode],
  ])("holds while somebody holds the lock %s", (_, place) => {
    start({ findmnt: "echo 254:3" });
    host.write(place(), "");
    expect(locked()).toBe(false);
    host.write("/proc/locks", lock(inodeOf(place())));
    expect(locked()).toBe(true);
  });

  test("does not hold for a tree without such files, nor for another one's", () => {
    start({ findmnt: "echo 254:3" });
    expect(locked()).toBe(false);
    host.write(`${images}/.#web2.lck`, "");
    host.write("/proc/locks", lock(inodeOf(`${images}/.#web2.lck`)));
    expect(locked()).toBe(false);
    expect(called(host)).toEqual([]);
  });
});

describe("image_guard", () => {
  const guarded = (path = web) => answered(host, sh`image_guard ${path}; answer passed`);

  test("lets a tree pass that nobody uses", () => {
    start();
    mounted("/", `${web}2`);
    expect(guarded()).toEqual([["passed"]]);
  });

  test("refuses a symbolic link, and says where it leads", () => {
    start();
    symlinkSync("else\nwhere 'x'", host.at(`${images}/link`));
    expect(guarded(`${images}/link`)).toEqual([["refused", "image-symlink", `${images}/link`, "else\nwhere 'x'"]]);
  });

  test("refuses a tree with mounts, and says which", () => {
    start();
    mounted(web, `${web}/usr`);
    expect(guarded()).toEqual([["refused", "image-mounted", web, `${web}\n${web}/usr`]]);
  });

  test("refuses a tree in use", () => {
    start({ findmnt: "echo 254:3" });
    host.write(`${images}/.#web.lck`, "");
    host.write("/proc/locks", lock(inodeOf(`${images}/.#web.lck`)));
    expect(guarded()).toEqual([["refused", "image-busy", web]]);
  });
});

describe("image_remove", () => {
  const left = () => readdirSync(host.at(images)).sort();

  test("removes a tree with all in it, and what its links lead to stays", () => {
    start();
    host.write("/srv/kept", "data");
    symlinkSync(host.at("/srv"), host.at(`${web}/srv`));
    writeFileSync(host.at(`${web}/-rf \n 'x'`), "");
    mkdirSync(host.at(`${web}2`));
    host.run(sh`image_remove ${web}`);
    expect(left()).toEqual(["web2"]);
    expect(readFileSync(host.at("/srv/kept"), "utf8")).toBe("data");
  });

  test("succeeds where there is nothing, and does nothing", () => {
    start({ rm: own("rm") });
    expect(host.holds(sh`image_remove "$images/none" 2>/dev/null`)).toBe(true);
    expect([left(), called(host)]).toEqual([["web"], []]);
  });

  test("crosses no border of a file system", () => {
    start({ rm: own("rm") });
    host.run(sh`image_remove ${web}`);
    expect(called(host)).toEqual([`rm -rf --one-file-system --preserve-root=all -- ${web}`]);
  });

  test("makes what is immutable mutable, and tries again", () => {
    start({
      rm: `[ -e "${"${0%/*}"}/mutable" ] || exit 1; ${own("rm")}`,
      chattr: `: >"${"${0%/*}"}/mutable"; exit 1`,
    });
    host.run(sh`image_remove ${web}`);
    expect(called(host).map((call) => call.split(" ", 2).join(" "))).toEqual(["rm -rf", "chattr -R", "rm -rf"]);
    expect(left()).toEqual([]);
  });

  test("fails where a tree cannot be removed", () => {
    start({ rm: "exit 1", chattr: "" });
    expect(host.holds(sh`image_remove ${web}`)).toBe(false);
    expect(called(host)).toContain(`chattr -R -f -i -a ${web}`);
  });

  describe("on btrfs", () => {
    // No other file system has inode 256 in many places: there a name tells what is a subvolume.
    const find = `path=$1; shift
for word; do
  shift
  case $word in -inum) word=-name ;; 256) word='subvolume*' ;; esac
  set -- "$@" "$word"
done
command -p find "$path" "$@"`;
    const btrfs = `echo chatter; case $* in *delete*) for last; do :; done; command -p rm -r "$last" ;; esac`;
    const type = `case $* in *%T*) echo btrfs ;; *) ${own("stat")} ;; esac`;

    test("deletes subvolumes, the innermost first and also those that are read-only", () => {
      start({ stat: type, find, btrfs });
      mkdirSync(host.at(`${images}/subvolume/var/subvolume 'b'`), { recursive: true });
      expect(printed(host, sh`image_remove "$images/subvolume"`)).toBe("");
      const outer = `${images}/subvolume`;
      expect(called(host).filter((call) => call.startsWith("btrfs"))).toEqual([
        `btrfs property set -ts ${outer}/var/subvolume 'b' ro false`,
        `btrfs -q subvolume delete ${outer}/var/subvolume 'b'`,
        `btrfs property set -ts ${outer} ro false`,
        `btrfs -q subvolume delete ${outer}`,
      ]);
      expect(left()).toEqual(["web"]);
    });

    test("removes a tree that is none, after the subvolumes in it", () => {
      start({ stat: type, find, btrfs });
      mkdirSync(host.at(`${web}/var/subvolume`), { recursive: true });
      host.run(sh`image_remove ${web}`);
      expect(called(host)).toContain(`btrfs -q subvolume delete ${web}/var/subvolume`);
      expect(left()).toEqual([]);
    });

    test("looks for subvolumes by the inode that they all have", () => {
      start({ stat: type, find: "", btrfs });
      host.run(sh`image_remove ${web}`);
      expect(called(host)[1]).toContain(`find ${web} -depth -type d -inum 256 -exec`);
    });
  });
});
