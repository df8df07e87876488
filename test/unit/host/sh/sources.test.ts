import { mkdirSync, symlinkSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import type { Script } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

/** Everything is root's with the mode 755, but for what files of the same path below `stats` say: an owner and a mode. */
const stat = `
scratch=\${0%/bin/stat}
uid=0 mode=755
case $4 in "$scratch"/*) ! [ -f "$scratch/stats\${4#"$scratch"}.stat" ] || read -r uid mode <"$scratch/stats\${4#"$scratch"}.stat" ;; esac
case "$1 $2 $3" in "-c %u --") echo "$uid" ;; "-c %a --") echo "$mode" ;; *) exit 1 ;; esac
`;
const findmnt = `
[ "$1 $2 $4" = "-n -o -T" ] || exit 1
case $3 in FSTYPE) cat "\${0%/bin/findmnt}/type" ;; OPTIONS) cat "\${0%/bin/findmnt}/options" ;; esac
`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ stat, findmnt, uname: 'cat "${0%/bin/uname}/release"' });
});
afterEach(() => host.remove());

const refused = (...values: string[]) => [{ key: "refused", values }];
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

/** Two functions look in the same way; what only one of them says is below. */
describe.each([
  ["source_look", (path: string): Script => sh`source_look ${path}; ${found}`],
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

  test("refuses a link, wherever it is, with where the path leads", () => {
    symlinkSync("-a b", host.at("srv/link"));
    symlinkSync(host.at("nowhere"), host.at("srv/broken"));
    const link = host.at("srv/link");
    expect(look("srv/link")).toEqual(refused("source-symlink", link, link, "-a b", host.at("srv/-a b")));
    expect(look("srv/link/x")).toEqual(
      refused("source-symlink", `${link}/x`, link, "-a b", host.at("srv/-a b/x")),
    );
    const broken = host.at("srv/broken");
    expect(look("srv/broken")).toEqual(
      refused("source-symlink", broken, broken, host.at("nowhere"), host.at("nowhere")),
    );
  });
});

describe("source_look", () => {
  const look = (path: string) => host.run(sh`source_look ${host.at(path)}; ${found}`);

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
    const both = sh`source_look ${host.at("srv/a/b")}; source_look ${host.at("bin/stat")}; ${found}`;
    expect(host.run(both)).toEqual(finding({}));
  });
});

describe("source_judge", () => {
  const judge = (uid: number, mode: string, open = "") => {
    is("srv", uid, mode);
    const script = sh`
source_reachable=yes source_sticky=before source_open=${open}
source_judge ${host.at("srv")}
answer judged "$source_reachable" "$source_sticky" "\${source_open##*/}"
`;
    return host.run(script)[0]?.values;
  };

  test.each([
    [0, "755", ["yes", "", ""]],
    [0, "711", ["yes", "", ""]],
    [0, "701", ["yes", "", ""]],
    [0, "710", ["yes", "", ""]],
    [0, "700", ["", "", ""]],
    [0, "744", ["", "", ""]],
    [0, "0", ["", "", ""]],
    [0, "2755", ["yes", "", ""]],
    [0, "1755", ["yes", "", ""]],
    [0, "775", ["yes", "", "srv"]],
    [0, "757", ["yes", "", "srv"]],
    [0, "720", ["", "", "srv"]],
    [0, "1777", ["yes", "yes", ""]],
    [0, "1775", ["yes", "yes", ""]],
    [0, "2777", ["yes", "", "srv"]],
    [1000, "755", ["yes", "", "srv"]],
    [1000, "700", ["yes", "", "srv"]],
    [1000, "1777", ["yes", "", "srv"]],
  ])("of the user %s with the mode %s: reachable, sticky, open are %j", (uid, mode, values) => {
    expect(judge(uid, mode)).toEqual(values);
  });

  test("keeps the first that is open", () => {
    expect(judge(0, "777", "/first")).toEqual(["yes", "", "first"]);
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
  const mappable = (type: string, release: string) => {
    host.write("type", `${type}\n`);
    host.write("release", `${release}\n`);
    return host.run(sh`source_mappable /srv; answer mappable`);
  };
  const yes = [{ key: "mappable", values: [] }];

  test.each([
    ["ext4", "5.12"],
    ["xfs", "5.12"],
    ["vfat", "5.12"],
    ["btrfs", "5.15"],
    ["ntfs3", "5.15"],
    ["f2fs", "5.18"],
    ["erofs", "5.19"],
    ["squashfs", "6.2"],
    ["tmpfs", "6.3"],
    ["ceph", "6.7"],
  ])("user IDs of %s are mapped by the kernel since %s", (type, since) => {
    for (const release of [since, `${since}.0-13-amd64`]) expect(mappable(type, release)).toEqual(yes);
    const before = since.replace(/\d+$/, (minor) => `${Number(minor) - 1}.99-x`);
    expect(mappable(type, before)).toEqual(refused("source-unmappable", "/srv", type, since, before));
  });

  test("user IDs of what has none, or has those of another host, are mapped by none", () => {
    const none = "9p cifs devtmpfs fuse fuse.sshfs fuseblk nfs nfs4 overlay proc smb3 sysfs vboxsf".split(" ");
    for (const type of none) {
      expect(mappable(type, "99.0")).toEqual(refused("source-unmappable", "/srv", type, "", "99.0"));
    }
  });

  test("a file system that is not known is left to be tried", () => {
    expect([mappable("zfs", "1.0"), mappable("", "1.0"), mappable("fusectl", "1.0")]).toEqual([yes, yes, yes]);
  });

  test("asks about the file system that the path is in", () => {
    mappable("ext4", "6.12");
    expect(host.calls()).toContain("findmnt -n -o FSTYPE -T /srv");
  });
});

describe("source_setuid", () => {
  const setuid = (options: string) => {
    host.write("options", `${options}\n`);
    return host.ended(sh`source_setuid ${"/srv/a b"}`).status;
  };

  test("succeeds where nothing forbids programs to run as their owner", () => {
    expect([setuid("rw,relatime"), setuid("rw,xnosuid,nosuidx=1,nodev"), setuid("")]).toEqual([0, 0, 0]);
    expect(host.calls()).toContain("findmnt -n -o OPTIONS -T /srv/a b");
  });

  test("fails where the file system is mounted so, wherever that stands among its options", () => {
    expect([setuid("nosuid"), setuid("nosuid,rw"), setuid("rw,nosuid,nodev"), setuid("rw,nosuid")]).toEqual([
      1, 1, 1, 1,
    ]);
  });
});
