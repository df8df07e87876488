import { DISK_LINE, plainLines } from "../remote";
import type { Sentence } from "./sentence";

/** A file system of a host. */
interface Disk {
  readonly bytesFree: number;
  /** How many inodes it has; 0 if it has no limit. */
  readonly inodes: number;
  readonly inodesFree: number;
  readonly type: string;
  readonly device: string;
  readonly mountPoint: string;
}

const FULL = /No space left on device|You don't have enough free space|not enough free disk space|Disk quota exceeded/;
const QUOTA = /Disk quota exceeded/;
const MEBIBYTE = 1024 * 1024;
/** What may be left in a file system that is full: less than one file needed, or what was given back since it failed. */
const LEFT_BYTES = 16 * MEBIBYTE;
export const LEFT_INODES = 64;

/**
 * What it means that a disk is full, if a program said so: which one, of what nothing is left, and what to do.
 * `disks` are lines of `disks_list`, from when it failed.
 */
export function explainFullDisk(said: string, disks: string): Sentence | undefined {
  if (!FULL.test(said)) return undefined;
  const all = disks.split("\n").flatMap((line) => diskOf(line) ?? []);
  const disk = all
    .filter(({ mountPoint }) => holdsImages(mountPoint))
    .sort(byLength)
    .at(-1);
  for (const one of disk === undefined ? all : [disk, ...all]) {
    if (one.inodes > 0 && one.inodesFree < LEFT_INODES) return noInodes(one);
    if (one.bytesFree < LEFT_BYTES) return noSpace(one);
  }
  if (QUOTA.test(said)) {
    return {
      happened: "a quota of the host's file system is used up",
      advice: `Raise it, or remove what counts towards it (quota(1), or \`btrfs qgroup show\`). ${AGAIN}`,
    };
  }
  return disk === undefined ? unknown : fullMeanwhile(disk);
}

/** The file systems that the host lists in the output of failed work, and the output without them, for people to read. */
export function disksIn(log: string): { readonly disks: string; readonly rest: string } {
  const lines = log.split("\n");
  const listed = lines.filter((line) => line.startsWith(DISK_LINE));
  return {
    disks: listed.map((line) => line.slice(DISK_LINE.length)).join("\n"),
    rest: plainLines(lines.filter((line) => !line.startsWith(DISK_LINE)).join("\n")),
  };
}

/** How advice ends where something has to be fixed first. */
export const AGAIN = "Then run `pulumi up` again.";

const unknown: Sentence = {
  happened: "the host ran out of disk space",
  advice: `See which file system is full with \`df -h\` and \`df -i\`, and make room in it. ${AGAIN}`,
};

function noSpace(disk: Disk): Sentence {
  return {
    happened: `the file system ${described(disk)} is full: ${mebibytes(disk.bytesFree)} are free`,
    advice: `Make room in it, or enlarge it. What takes it: sudo du -xh ${disk.mountPoint} | sort -h | tail. ${AGAIN}`,
  };
}

function noInodes(disk: Disk): Sentence {
  return {
    happened: `the file system ${described(disk)} has no inodes left: ${disk.inodesFree} of ${disk.inodes} are free, although it has room for ${mebibytes(disk.bytesFree)}`,
    advice: `Remove files in it, or use one with more of them (mkfs.ext4 -N). Where they are: sudo du --inodes -x ${disk.mountPoint} | sort -n | tail. ${AGAIN}`,
  };
}

/** The program removed what it could not finish before anybody looked. */
function fullMeanwhile(disk: Disk): Sentence {
  const inodes = disk.inodes > 0 ? ` and ${disk.inodesFree} inodes` : "";
  return {
    happened: `the file system ${described(disk)} became full: ${mebibytes(disk.bytesFree)}${inodes} are free now that what was unfinished is gone, and it needs more`,
    advice: `Make room in it, or enlarge it. ${AGAIN}`,
  };
}

function described({ mountPoint, device, type }: Disk): string {
  return `${mountPoint} (${device}, ${type})`;
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MEBIBYTE)} MiB`;
}

function holdsImages(mountPoint: string): boolean {
  return mountPoint === "/" || "/var/lib/machines/".startsWith(`${mountPoint}/`);
}

function byLength(one: Disk, other: Disk): number {
  return one.mountPoint.length - other.mountPoint.length;
}

function diskOf(line: string): Disk | undefined {
  const [bytes = "", inodes, inodesFree, type = "", ...rest] = line.trim().split(/\s+/);
  // The name of a device can have blanks, and so can a mount point.
  const at = rest.findIndex((word, index) => index > 0 && word.startsWith("/"));
  if (!/^\d+$/.test(bytes) || at < 0) return undefined;
  const [device, mountPoint] = [rest.slice(0, at).join(" "), rest.slice(at).join(" ")];
  // A file system without a limit shows 0 or a dash.
  const number = (text: string | undefined) => Number(text) || 0;
  return { bytesFree: Number(bytes), inodes: number(inodes), inodesFree: number(inodesFree), type, device, mountPoint };
}
