import { disksIn, explainFullDisk } from "../../../provider/host/disks";

const said = "tar: ./usr/bin/perl: Cannot write: No space left on device";
const root = "  9876543210  1000000  500000 ext4  /dev/vda1 /";
const images = (bytes: number, inodes: number, free: number | string) =>
  `  ${bytes}  ${inodes}  ${free} ext4  /dev/vdb /var/lib/machines`;
const explain = (...disks: string[]) => {
  const { happened, advice } = explainFullDisk(said, disks.join("\n")) ?? { happened: "" };
  return `${happened}. ${advice}`;
};

test("a full file system is named, with its device, what is free, and what to do", () => {
  expect(explain(root, images(1048576, 1000, 900))).toBe(
    "the file system /var/lib/machines (/dev/vdb, ext4) is full: 1 MiB are free. Make room in it, or enlarge it. " +
      "What takes it: sudo du -xh /var/lib/machines | sort -h | tail. Then run `pulumi up` again.",
  );
});

test("a file system without inodes is distinguished from one without space", () => {
  expect(explain(root, images(987654321, 1000, 0))).toMatch(
    /^the file system \/var\/lib\/machines \(\/dev\/vdb, ext4\) has no inodes left: 0 of 1000 are free, although it has room for 941 MiB\. Remove files/,
  );
});

test("a file system without a limit of inodes never lacks them", () => {
  for (const none of [0, "-"]) expect(explain(images(0, 0, none))).toContain("is full: 0 MiB");
});

test("another file system than that of the images can be the full one", () => {
  expect(explain(root, images(987654321, 1000, 900), " 0 1000 900 tmpfs tmpfs /run")).toContain(
    "/run (tmpfs, tmpfs) is full",
  );
});

test("where the program has removed its unfinished files, the images' file system is named with what is free now", () => {
  expect(explain(root, images(99 * 1048576, 1000, 900))).toContain(
    "/var/lib/machines (/dev/vdb, ext4) became full: 99 MiB and 900 inodes are free now",
  );
  expect(explain(root)).toContain("/ (/dev/vda1, ext4) became full");
});

test("without any figures, it is still a full disk, and a quota is one too", () => {
  expect(explain()).toContain("the host ran out of disk space");
  expect(explainFullDisk("cp: Disk quota exceeded", root)?.happened).toContain("a quota");
});

test("what says nothing of space is not explained", () => {
  expect(explainFullDisk("tar: Unexpected EOF", images(0, 10, 0))).toBeUndefined();
});

test("the lines about file systems are taken out of a log", () => {
  expect(disksIn(`E: one\npulumi-nspawn-disk: ${root}\nE: two`)).toEqual({ disks: root, rest: "E: one\nE: two" });
});
