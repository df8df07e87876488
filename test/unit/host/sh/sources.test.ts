import { mkdirSync, symlinkSync, unlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { lines, type Script } from "../../../../provider/remote";
import { refused } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

/** Everything is root's with the mode 755, but for what a file of the same path below `stats` says. */
const stat = `
scratch=\${0%/bin/stat}
uid=0 mode=755
file=$scratch/stats\${4#"$scratch"}.stat
[ ! -f "$file" ] || read -r uid mode <"$file"
case "$1 $2 $3" in "-c %u --") echo "$uid" ;; "-c %a --") echo "$mode" ;; *) exit 1 ;; esac
`;
const findmnt = `[ "$*" = "-n -o OPTIONS -T /srv/a b" ] && cat "\${0%/bin/findmnt}/options"`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ stat, findmnt });
});
afterEach(() => host.remove());

const is = (path: string, uid: number, mode: string) => host.write(`stats/${path}.stat`, `${uid} ${mode}\n`);

const found = sh`answer found "$source_absent" "$source_lacking" "$source_reachable" "$source_open"`;

interface Found {
  readonly absent?: string;
  readonly lacking?: number;
  readonly reachable?: "yes" | "";
  readonly open?: string;
}

function finding({ absent = "", lacking = 0, reachable = "yes", open = "" }: Found) {
  const place = (path: string) => (path === "" ? "" : host.at(path));
  return [{ key: "found", values: [place(absent), String(lacking), reachable, place(open)] }];
}

test("source_administrator is root, and who is in the group sudo", () => {
  host.program("id", "echo users sudo");
  for (const uid of ["0", "1000"]) expect(host.holds(sh`source_administrator ${uid}`)).toBe(true);
  host.program("id", "exit 1");
  expect(host.holds(sh`source_administrator 0`)).toBe(true);
  expect(host.holds(sh`source_administrator 1000`)).toBe(false);
});

/** Two functions look in the same way; what only one of them says is below. */
describe.each([
  ["source_inspect", (path: string): Script => sh`source_inspect ${path}; ${found}`],
  ["source_present", (path: string): Script => sh`source_present ${path}; ${found}`],
])("%s", (_name, script) => {
  const look = (path: string) => host.run(script(host.at(path)));
  beforeEach(() => mkdirSync(host.at("srv/-a b/it's"), { recursive: true }));

  test("is content with a directory of root, whatever its name is", () => {
    expect(look("srv/-a b/it's")).toEqual(finding({}));
  });

  test("is content with the root itself", () => {
    expect(host.run(script("/"))).toEqual(finding({}));
  });

  test("tells where nobody else can reach it, wherever on the way that is", () => {
    for (const path of ["srv", "srv/-a b"]) {
      is(path, 0, "700");
      expect(look("srv/-a b/it's")).toEqual(finding({ reachable: "" }));
      is(path, 0, "755");
    }
  });

  test("a directory of somebody who may use sudo counts as root's", () => {
    host.program("id", 'case $3 in 1000) echo "users sudo" ;; *) echo "users sudoers" ;; esac');
    is("srv", 1000, "700");
    expect(look("srv/-a b/it's")).toMatchObject([{ values: ["", "0", "", host.at("srv")] }]);
    is("srv", 1001, "700");
    expect(look("srv/-a b/it's")).toMatchObject([{ values: ["", "0", "yes", host.at("srv")] }]);
    is("srv", 1000, "710");
    expect(look("srv/-a b/it's")).toMatchObject([{ values: ["", "0", "yes", host.at("srv")] }]);
  });

  test("its own permissions stop nobody", () => {
    is("srv/-a b/it's", 1000, "777");
    expect(look("srv/-a b/it's")).toEqual(finding({}));
    is("srv/-a b/it's", 0, "700");
    expect(look("srv/-a b/it's")).toEqual(finding({}));
  });

  test("tells the first directory in which somebody else could replace it", () => {
    is("srv/-a b", 1000, "755");
    expect(look("srv/-a b/it's")).toEqual(finding({ open: "srv/-a b" }));
    is("srv", 0, "775");
    expect(look("srv/-a b/it's")).toEqual(finding({ open: "srv" }));
  });

  test("in a sticky directory only what is somebody else's can be replaced", () => {
    is("srv", 0, "1777");
    expect(look("srv/-a b/it's")).toEqual(finding({}));
    is("srv/-a b/it's", 1000, "755");
    expect(look("srv/-a b/it's")).toEqual(finding({}));
    is("srv/-a b", 1000, "755");
    expect(look("srv/-a b/it's")).toEqual(finding({ open: "srv" }));
    expect(look("srv/-a b")).toEqual(finding({ open: "srv" }));
  });

  test("in a sticky directory below one that is open, that one is still the first", () => {
    is("srv", 1000, "755");
    is("srv/-a b", 0, "1777");
    is("srv/-a b/it's", 1000, "755");
    expect(look("srv/-a b/it's")).toEqual(finding({ open: "srv" }));
  });

  test("refuses a link, wherever it is, with where the path leads", () => {
    symlinkSync("-a b", host.at("srv/link"));
    symlinkSync(host.at("nowhere"), host.at("srv/broken"));
    const link = host.at("srv/link");
    expect(look("srv/link")).toEqual(refused("source-symlink", link, link, "-a b", host.at("srv/-a b")));
    expect(look("srv/link/x")).toEqual(refused("source-symlink", `${link}/x`, link, "-a b", host.at("srv/-a b/x")));
    const broken = host.at("srv/broken");
    expect(look("srv/broken")).toEqual(
      refused("source-symlink", broken, broken, host.at("nowhere"), host.at("nowhere")),
    );
  });
});

describe("source_inspect", () => {
  const look = (path: string) => host.run(sh`source_inspect ${host.at(path)}; ${found}`);

  test("tells the first directory that is not there, and how many are not", () => {
    expect(look("a b")).toEqual(finding({ absent: "a b", lacking: 1 }));
    expect(look("a b/c/d")).toEqual(finding({ absent: "a b", lacking: 3 }));
    mkdirSync(host.at("a b"));
    expect(look("a b/c/d")).toEqual(finding({ absent: "a b/c", lacking: 2 }));
  });

  test("judges what is there of a path that is not", () => {
    mkdirSync(host.at("srv"));
    is("srv", 1000, "700");
    expect(look("srv/a/b")).toEqual(finding({ absent: "srv/a", lacking: 2, open: "srv" }));
    is("srv", 0, "700");
    expect(look("srv/a/b")).toEqual(finding({ absent: "srv/a", lacking: 2, reachable: "" }));
  });

  test("takes nothing over from the path before", () => {
    mkdirSync(host.at("srv/sticky"), { recursive: true });
    is("srv", 0, "1777");
    const both = sh`source_inspect ${host.at("srv/a/b")}; source_inspect ${host.at("bin/stat")}; ${found}`;
    expect(host.run(both)).toEqual(finding({}));
  });
});

describe("source_judge", () => {
  test.each([
    { reachable: "yes", sticky: "", open: "", of: ["0 755", "0 711", "0 701", "0 710", "0 2755", "0 1755"] },
    { reachable: "", sticky: "", open: "", of: ["0 700", "0 744", "0 0", "0 1700"] },
    { reachable: "yes", sticky: "", open: "/srv", of: ["0 775", "0 757", "0 2777", "1 755", "1 700", "1 1777"] },
    { reachable: "", sticky: "", open: "/srv", of: ["0 720", "0 702"] },
    { reachable: "yes", sticky: "yes", open: "", of: ["0 1777", "0 1775", "0 1757"] },
  ])("a directory is %j by its owner and mode", ({ reachable, sticky, open, of }) => {
    const script = sh`
stat() { case "$1 $2 $3 $4" in "-c %u -- /srv") echo "\${one% *}" ;; "-c %a -- /srv") echo "\${one#* }" ;; esac; }
for one in ${of}; do
  source_reachable=yes source_sticky=before source_open=
  source_judge /srv
  echo "$one: $source_reachable, $source_sticky, $source_open"
done
`;
    expect(host.ended(script).stdout).toBe(of.map((one) => `${one}: ${reachable}, ${sticky}, ${open}\n`).join(""));
  });

  test("the first that is open stays so", () => {
    is("srv", 0, "777");
    const script = sh`source_open=/first source_reachable=yes; source_judge ${host.at("srv")}; echo "$source_open"`;
    expect(host.ended(script).stdout).toBe("/first\n");
  });

  test("where others cannot reach one above it, they reach nothing in it", () => {
    const script = sh`source_open= source_reachable=; source_judge ${host.at("srv")}; echo "<$source_reachable>"`;
    expect(host.ended(script).stdout).toBe("<>\n");
  });
});

describe("source_present", () => {
  test("refuses a path that is not there, with the first of it that is not", () => {
    const path = host.at("a b/c");
    expect(host.run(sh`source_present ${path}; ${found}`)).toEqual(refused("source-missing", path, host.at("a b")));
    mkdirSync(host.at("a b"));
    expect(host.run(sh`source_present ${path}; ${found}`)).toEqual(refused("source-missing", path, path));
  });

  test("is content with a file", () => {
    host.write("a b/c", "");
    expect(host.run(sh`source_present ${host.at("a b/c")}; ${found}`)).toEqual(finding({}));
  });
});

describe("source_directory", () => {
  const directory = (path: string) => host.run(sh`source_directory ${host.at(path)}; answer directory`);

  test("is content with a directory", () => {
    mkdirSync(host.at("a b"));
    expect(directory("a b")).toEqual([{ key: "directory", values: [] }]);
  });

  test("refuses a file, and what is not there", () => {
    host.write("file", "");
    for (const path of ["file", "it's"]) {
      expect(directory(path)).toEqual(refused("source-not-directory", host.at(path)));
    }
  });
});

describe("source_mappable", () => {
  /** What is answered of file systems, each with the release of the kernel. */
  const mappable = (all: readonly (readonly [type: string, release: string])[]) => {
    const one = ([type, release]: readonly [string, string]) => sh`
findmnt() { [ "$*" = "-n -o FSTYPE -T /srv/a b" ] && echo ${type}; }
uname() { [ "$*" = -r ] && echo ${release}; }
(source_mappable ${"/srv/a b"}; answer mappable) || [ "$?" = 65 ]
`;
    return host.run(lines(all.map(one)));
  };
  const yes = { key: "mappable", values: [] };
  const no = (type: string, since: string, release: string) =>
    refused("source-unmappable", "/srv/a b", type, since, release);

  test.each([
    ["ext4", "5.12", "5.11.22-1-amd64"],
    ["xfs", "5.12", "5.4"],
    ["vfat", "5.12", "5.9"],
    ["btrfs", "5.15", "5.14.99"],
    ["ntfs3", "5.15", "5.2.0"],
    ["f2fs", "5.18", "5.17"],
    ["erofs", "5.19", "5.18"],
    ["squashfs", "6.2", "6.1.0-13-amd64"],
    ["tmpfs", "6.3", "6.2.16"],
    ["ceph", "6.7", "6.6.9"],
  ])("user IDs of %s are mapped by the kernel %s, and not by %s", (type, since, before) => {
    const those = [since, `${since}.0-13-amd64`, "6.12.1", "10.0"].map((release) => [type, release] as const);
    expect(mappable(those)).toEqual([yes, yes, yes, yes]);
    expect(mappable([[type, before]])).toEqual(no(type, since, before));
  });

  test("those of what has none, or has those of another host, are mapped by no kernel", () => {
    const none = "9p cifs devtmpfs fuse fuse.sshfs fuseblk nfs nfs4 overlay proc smb3 sysfs vboxsf".split(" ");
    expect(mappable(none.map((type) => [type, "99.0"]))).toEqual(none.flatMap((type) => no(type, "", "99.0")));
  });

  test("a file system that is not known is left to be tried", () => {
    expect(mappable(["zfs", "", "fusectl", "ext"].map((type) => [type, "1.0"]))).toEqual([yes, yes, yes, yes]);
  });
});

describe("source_setuid", () => {
  const setuid = (options: string) => {
    host.write("options", `${options}\n`);
    return host.ended(sh`source_setuid ${"/srv/a b"}`).status;
  };

  test("succeeds where nothing forbids programs to run as their owner", () => {
    expect([setuid("rw,relatime"), setuid("rw,xnosuid,nosuidx=1,nodev"), setuid("")]).toEqual([0, 0, 0]);
  });

  test("fails where the file system is mounted so, wherever that stands among its options", () => {
    expect([setuid("nosuid"), setuid("nosuid,rw"), setuid("rw,nosuid,nodev"), setuid("rw,nosuid")]).toEqual([
      1, 1, 1, 1,
    ]);
  });
});

describe("source_follow", () => {
  const follow = (path: string) => host.run(sh`source_follow ${host.at(path)}; answer real "$source_real"`);
  const leads = (path: string) => [{ key: "real", values: [host.at(path)] }];

  beforeEach(() => {
    host.write("usr/share/zoneinfo/Etc/UTC", "");
    mkdirSync(host.at("etc"));
    symlinkSync("../usr/share/zoneinfo/Etc/UTC", host.at("etc/localtime"));
  });

  test("leaves a path without a link as it is, whoever may write there", () => {
    is("usr", 1000, "777");
    expect(follow("usr/share/none/x")).toEqual(leads("usr/share/none/x"));
  });

  test("follows links that root alone can change, of files and of directories, one after another", () => {
    expect(follow("etc/localtime")).toEqual(leads("usr/share/zoneinfo/Etc/UTC"));
    symlinkSync(host.at("etc"), host.at("settings"));
    symlinkSync("./settings/../settings", host.at("more"));
    expect(follow("more/localtime")).toEqual(leads("usr/share/zoneinfo/Etc/UTC"));
  });

  test.each([
    ["the directory of the link, another's", "etc", 1000, "755"],
    ["the directory of the link, open to a group", "etc", 0, "775"],
    ["the directory of the link, open to all but sticky", "etc", 0, "1777"],
    ["a directory above the link's target", "usr/share", 1000, "755"],
    ["the directory of the link's target", "usr/share/zoneinfo/Etc", 0, "757"],
    ["the link itself, another's", "etc/localtime", 1000, "777"],
  ])("refuses a link if others can change a part of the way: %s", (_what, path, uid, mode) => {
    is(path, uid, mode);
    const values = [
      host.at("etc/localtime"),
      host.at("etc/localtime"),
      host.at(path),
      host.at("usr/share/zoneinfo/Etc/UTC"),
    ];
    expect(follow("etc/localtime")).toEqual(refused("source-unsafe-link", ...values));
  });

  test("refuses what is changed between two links", () => {
    mkdirSync(host.at("open"));
    is("open", 0, "777");
    symlinkSync("../usr/share/zoneinfo/Etc/UTC", host.at("open/time"));
    unlinkSync(host.at("etc/localtime"));
    symlinkSync("../open/time", host.at("etc/localtime"));
    expect(JSON.stringify(follow("etc/localtime"))).toContain(host.at("open"));
  });

  test("refuses links that lead in a circle, and ends", () => {
    symlinkSync("b", host.at("a"));
    symlinkSync("a", host.at("b"));
    expect(JSON.stringify(follow("a"))).toContain("source-unsafe-link");
  });
});

describe("source_only_root", () => {
  test.each([
    ["0 755", true],
    ["0 700", true],
    ["0 775", false],
    ["0 757", false],
    ["0 1777", false],
    ["1000 755", false],
  ])("a directory with owner and mode %s is root's alone: %p", (of, expected) => {
    mkdirSync(host.at("srv"));
    host.write("stats/srv.stat", `${of}\n`);
    expect(host.holds(sh`source_only_root ${host.at("srv")}`)).toBe(expected);
  });
});

describe("source_public", () => {
  const look = (path: string) => host.run(sh`source_public ${host.at(path)} ${"/etc/x"}; answer public`);
  const isPublic = [{ key: "public", values: [] }];
  const isPrivate = (path: string) => refused("source-private", "/etc/x", host.at(path));
  beforeEach(() => {
    host.write("etc/hosts", "");
    is("etc/hosts", 0, "644");
  });

  test("is content with a file that everybody may read", () => {
    expect(look("etc/hosts")).toEqual(isPublic);
    is("etc/hosts", 0, "604");
    expect(look("etc/hosts")).toEqual(isPublic);
  });

  test.each(["640", "600", "0", "660"])("refuses a file of mode %s", (mode) => {
    is("etc/hosts", 0, mode);
    expect(look("etc/hosts")).toEqual(isPrivate("etc/hosts"));
  });

  test("refuses a file in a directory that not everybody can enter", () => {
    is("etc", 0, "750");
    expect(look("etc/hosts")).toEqual(isPrivate("etc/hosts"));
  });

  test("refuses a directory, a pipe and what is not there", () => {
    mkdirSync(host.at("etc/d"));
    host.run(sh`mkfifo ${host.at("etc/p")}`);
    for (const path of ["etc/d", "etc/p", "etc/none"]) expect(look(path)).toEqual(isPrivate(path));
  });

  test("refuses what the kernel makes, such as a process's own files", () => {
    const script = sh`source_public ${"/proc/self/mounts"} ${"/etc/mtab"}; answer public`;
    expect(host.run(script)).toEqual(refused("source-private", "/etc/mtab", "/proc/self/mounts"));
  });
});

test.each([
  ["/etc", true],
  ["/etc/nginx", true],
  ["/", true],
  ["/data", true],
  ["/srv/etc", false],
  ["/etcetera", false],
  ["/srv/x/.ssh/id", true],
  ["/.snapshots/1", true],
])("source_leads_into says of %s whether it is in a place, or contains one: %p", (path, expected) => {
  expect(host.holds(sh`source_leads_into ${path} ${["/etc", "/data/lib/machines"]}`)).toBe(expected);
});
