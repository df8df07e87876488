import type { Refusals } from "../../host/refusals";
import type { RootfsInputs } from "./rootfs-inputs";

/** What a refusal of the root's scripts means. */
export const rootRefusals: Refusals<RootfsInputs> = {
  owned: ([first], { name }) => ({
    happened: `the root "${name}" there belongs to ${urnOf(first)}`,
    advice:
      "Give this one another name, or, if nobody uses that resource any more, take the root over as it is: `adopt: true`.",
  }),
  foreign: ([first]) => ({
    happened: `there is something at ${first} that pulumi-nspawn did not make`,
    advice:
      "Give this root another name, or take over what is there as it is, with nothing in it changed: `adopt: true`.",
  }),
  replaces: ([first]) => ({
    happened: `a finished root of this very resource stands at ${first}, and a new one would take its place`,
    advice:
      'If nothing in it is needed, set `dataLoss: "allow"`. To keep it and go on with it as it is, set `adopt: true`.',
  }),
  "adopt-suite": ([first, second], { suite }) => ({
    happened: `the root at ${first} is ${second}, not ${suite}`,
    advice: `Write what is there, \`suite: "${second}"\`, or give this root another name.`,
  }),
  "adopt-nothing": ([first]) => ({
    happened: `what is at ${first} is no Debian root: it has no os-release(5)`,
    advice: "Give this root another name.",
  }),
  "no-space": ([first, second]) => ({
    happened: `there is not enough space in /var/lib/machines: about ${mebibytes(first)} are needed, ${mebibytes(second)} are free`,
    advice: "Make room there, or move it to a larger file system.",
  }),
  missing: ([first]) => ({
    happened: `${first.split(" ").join(", ")} ${first.includes(" ") ? "are" : "is"} not installed there`,
    advice: "Set `install: true` on the Host, or run on the host:",
    details: `sudo apt-get install --no-install-recommends ${first}`,
  }),
  "no-keyring": ([first]) => ({
    happened: `there is no file ${first}`,
    advice: "`keyring` is the path of a keyring on the host, not of one here.",
  }),
  customise: () => ({
    happened: "what it was to be given could not be done",
    advice: "What was printed:",
  }),
  lost: () => ({
    happened: "it is not there any more",
    advice: "Run `pulumi refresh`, and then `pulumi up` makes it again.",
  }),
  "root-gone": () => ({
    happened: "it is not there any more",
    advice: "Run `pulumi refresh`, and then `pulumi up` makes it again.",
  }),
  "in-use": ([first]) => ({
    happened: `its unit ${first} is active`,
    advice: `Remove or stop its machine first: sudo systemctl stop ${first}`,
  }),
  "image-busy": ([first]) => ({
    happened: `${first} is in use by a systemd-nspawn process`,
    advice: "End it and try again; `ps -C systemd-nspawn` shows it.",
  }),
  "image-mounted": ([, second]) => ({
    happened: "file systems are mounted in it",
    advice: "Unmount them and try again:",
    details: second,
  }),
  "image-symlink": ([first, second]) => ({
    happened: `${first} is a symbolic link to ${second}`,
    advice: "Only a directory of its own can be a root; remove the link by hand.",
  }),
  "base-gone": ([first]) => ({
    happened: `the base ${first} was removed from the cache meanwhile`,
    advice: "Run `pulumi up` again.",
  }),
  locked: () => ({ happened: "another operation on it holds the lock", advice: "Wait for it, and try again." }),
};

/** A marker holds the URN as JSON text. */
function urnOf(json: string): string {
  return json.replace(/^"|"$/g, "") || "an unknown resource";
}

function mebibytes(bytes: string): string {
  return `${Math.ceil(Number(bytes) / (1024 * 1024))} MiB`;
}
