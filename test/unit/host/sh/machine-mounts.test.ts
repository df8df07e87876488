import { lostMounts } from "../../../../provider/host/mounts/mounted-sources";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const MOUNTS = [
  "21 20 0:40 /machines/box / rw - btrfs /dev/loop1 rw",
  "22 21 0:41 / /proc rw - proc proc rw",
  "23 21 0:42 / /tmp rw - tmpfs tmpfs rw",
  "24 21 8:1 /srv/a\\040b /work rw - ext4 /dev/sda1 rw",
  "25 21 8:1 /srv/gone//deleted /gone rw - ext4 /dev/sda1 rw",
  "26 21 0:6 /kvm /dev/kvm rw - devtmpfs udev rw",
  "27 21 8:2 / /mnt/disk rw - ext4 /dev/sdb rw",
  "28 21 8:1 /srv/moved /usr/lib/moved rw - ext4 /dev/sda1 rw",
];
const CASES = [
  { source: "/srv/a b", target: "/work", lost: false },
  { source: "/dev/kvm", target: "/dev/kvm", lost: false },
  { source: "/data", target: "/mnt/disk", lost: false },
  { source: "/srv/moved", target: "/lib/other", lost: false },
  { source: "/srv/gone", target: "/gone", lost: true },
  { source: "/srv/never", target: "/never", lost: true },
];

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({}, ["/proc"]);
  host.write("/proc/7/mountinfo", `${MOUNTS.join("\n")}\n`);
});
afterEach(() => host.remove());

const answered = (pids: readonly number[]) => {
  const answers = host.run(sh`machine_mountinfos=${pids.map((pid) => ` /proc/${pid}/mountinfo`).join("")}
machine_mounts_answer`);
  return answers.map(({ key, values }) => ({ key, values: values.map((text) => text.replaceAll(host.directory, "")) }));
};

test.each(CASES)("$source at $target is lost: $lost", ({ lost, ...mounted }) => {
  expect(host.holds(sh`machine_pid=7; machine_mount_lost ${mounted.source} ${mounted.target}`)).toBe(lost);
  expect(lostMounts([mounted], 7, answered([7]))).toEqual(lost ? [mounted] : []);
});

test("what every guest has is not answered", () => {
  expect(answered([7])[0]?.values[0]).not.toMatch(/proc$|tmp$/m);
  expect(answered([])).toEqual([]);
});

test("nothing is lost in a machine that ended meanwhile, or whose list is cut off", () => {
  const mounted = [{ source: "/srv/never", target: "/never" }];
  const lines = (count: number, path = "/x") =>
    Array.from({ length: count }, () => `1 2 8:1 ${path} ${path} rw - ext4 a rw`);
  expect(host.holds(sh`machine_pid=8; machine_mount_lost /srv/never /never`)).toBe(false);
  host.write("/proc/9/mountinfo", `${lines(300).join("\n")}\n`);
  host.write("/proc/10/mountinfo", `${lines(1, `/${"x".repeat(40_000)}`).join("\n")}\n`);
  const answers = answered([7, 8, 9, 10]);
  for (const leader of [8, 9, 10]) expect(lostMounts(mounted, leader, answers)).toEqual([]);
  expect(lostMounts(mounted, 7, answers)).toEqual(mounted);
});

test("the answer about one machine is short, however long its paths are", () => {
  const line = `1 2 8:1 /${"x".repeat(4000)} /${"y".repeat(4000)} rw - ext4 a rw\n`;
  host.write("/proc/9/mountinfo", line.repeat(199));
  expect(answered([9])[0]?.values[0]?.length).toBeLessThan(80_000);
  expect(lostMounts([{ source: "/srv/never", target: "/never" }], 9, answered([9]))).toEqual([]);
  expect(lostMounts([{ source: "/srv/never", target: "/never" }], 7, answered([9, 7]))).toHaveLength(1);
});
