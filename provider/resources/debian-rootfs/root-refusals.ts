import type { Refusals } from "../../host/refusals";
import { adviceOnClaim } from "../claimed";
import type { RootfsInputs } from "./rootfs-inputs";

/** Explains the refusals of the root's scripts. */
export const rootRefusals: Refusals<RootfsInputs> = {
  claimed: ([first], { name }) => ({
    happened: `the root "${name}" there belongs to ${first || "an unknown resource"}`,
    advice: adviceOnClaim("Otherwise give this one another name", "take the root over as it is with `adopt: true`"),
  }),
  foreign: ([first]) => ({
    happened: `there is something at ${first} that pulumi-nspawn did not make`,
    advice: "Give this root another name, or take over what is there as it is, without changes: `adopt: true`.",
  }),
  replaces: ([first]) => ({
    happened: `a finished root of this very resource already exists at ${first}, and a new one would replace it`,
    advice:
      'If you need nothing in it, set `dataLoss: "allow"`. To keep it and continue with it as it is, set `adopt: true`.',
  }),
  "adopt-suite": ([first, second], { suite }) => ({
    happened: `the root at ${first} is ${second}, not ${suite}`,
    advice: `Set \`suite: "${second}"\` to match, or give this root another name.`,
  }),
  "adopt-nothing": ([first]) => ({
    happened: `${first} is not a Debian root: it has no os-release(5)`,
    advice: "Give this root another name.",
  }),
  "no-space": ([need, free, mountPoint, device]) => ({
    happened: `there is not enough space in /var/lib/machines: about ${mebibytes(need)} are needed, ${mebibytes(free)} are free in ${mountPoint} (${device})`,
    advice: "Make room there, or move it to a larger file system.",
  }),
  "no-inodes": ([need, free, mountPoint, device]) => ({
    happened: `there are not enough inodes in /var/lib/machines: about ${need} are needed, one for each file, and ${free} are free in ${mountPoint} (${device})`,
    advice: `Remove files there, or use a file system with more inodes (mkfs.ext4 -N), xfs or btrfs. Where they are: sudo du --inodes -x ${mountPoint} | sort -n | tail`,
  }),
  missing: ([first]) => ({
    happened: `${first.split(" ").join(", ")} ${first.includes(" ") ? "are" : "is"} not installed there`,
    advice: "Set `install: true` on the Host, or run on the host:",
    details: `sudo apt-get install --no-install-recommends ${first}`,
  }),
  "no-keyring": ([first]) => ({
    happened: `there is no file ${first}`,
    advice: "`keyring` is a path on the host, not on this computer.",
  }),
  customise: () => ({
    happened: "a setting could not be applied",
    advice: "Output:",
  }),
  lost: () => ({
    happened: "it no longer exists",
    advice: "Run `pulumi refresh`, and then `pulumi up` to create it again.",
  }),
  "root-gone": () => ({
    happened: "it no longer exists",
    advice: "Run `pulumi refresh`, and then `pulumi up` to create it again.",
  }),
  "in-use": ([first]) => ({
    happened: `its unit ${first} is active`,
    advice: `Remove or stop its machine first: sudo systemctl stop ${first}`,
  }),
  "image-busy": ([first]) => ({
    happened: `a systemd-nspawn process uses ${first}`,
    advice: "Stop it and try again; find it with `ps -C systemd-nspawn`.",
  }),
  "image-mounted": ([, second]) => ({
    happened: "file systems are mounted in it",
    advice: "Unmount them and try again:",
    details: second,
  }),
  "image-symlink": ([first, second]) => ({
    happened: `${first} is a symbolic link to ${second}`,
    advice: "A root must be a directory of its own. Remove the link by hand.",
  }),
  "base-gone": ([first]) => ({
    happened: `the base ${first} was removed from the cache in the meantime`,
    advice: "Run `pulumi up` again.",
  }),
  locked: () => ({ happened: "another operation on it holds the lock", advice: "Wait for it, and try again." }),
};

function mebibytes(bytes: string): string {
  return `${Math.ceil(Number(bytes) / (1024 * 1024))} MiB`;
}
