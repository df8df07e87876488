import { deviceRefusals } from "../../host/machines/device-refusals";
import { sourceRefusals } from "../../host/mounts/source-refusals";
import { bridgeRefusals } from "../../host/networks/bridges";
import { networkdRefusals } from "../../host/networks/networkd";
import type { Refusals } from "../../host/refusals";
import { describeHost } from "../../remote";
import { attachmentRefusals } from "./attachment-refusals";
import type { MachineInputs } from "./machine-inputs";

const own: Refusals<MachineInputs> = {
  claimed: ([first], { name }) => ({
    happened: `the machine "${name}" there belongs to ${first}`,
    advice: "Choose another name, or take it over with `adopt: true` if that resource is not used any more.",
  }),
  foreign: (_values, { name }) => ({
    happened: `there is a machine "${name}" already that pulumi-nspawn did not make`,
    advice: "Choose another name, or take it over with `adopt: true` on the NspawnMachine.",
  }),
  "foreign-file": ([first]) => ({
    happened: `there is a file ${first} already that pulumi-nspawn did not make`,
    advice: "Choose another name, or let it be overwritten with `adopt: true` on the NspawnMachine.",
  }),
  lost: () => ({
    happened: `it is not known there any more: its marker is gone`,
    advice: "Run `pulumi refresh`, and then `pulumi up` again.",
  }),
  "no-root": ([first]) => ({
    happened: `the root /var/lib/machines/${first} is not there`,
    advice: "Run `pulumi refresh`, so that `pulumi up` makes the root again.",
  }),
  "root-foreign": ([first]) => ({
    happened: `${first} belongs to no resource, so the new root cannot take its place`,
    advice: "Move it away, or run `pulumi refresh` and then `pulumi up` if a DebianRootfs made it.",
  }),
  "root-incomplete": ([first]) => ({
    happened: `the new root of "${first}" is gone`,
    advice: "Run `pulumi refresh`, so that `pulumi up` makes the root again.",
  }),
  "image-busy": ([first]) => ({
    happened: `${first} is in use by something other than this machine`,
    advice: "See `machinectl list` on the host, and stop what uses it.",
  }),
  "missing-interface": ([first]) => ({
    happened: `the host has no interface "${first}"`,
    advice: "Write in `settings.Network` the name of one that `ip link` shows there.",
  }),
  "older-systemd": ([first, second, third]) => ({
    happened: `${first} needs systemd ${second}, and the host has ${third}`,
    advice: `Leave it out, or upgrade the host to a release of Debian that has systemd ${second}.`,
  }),
  locked: ([first]) => ({
    happened: `another operation holds the lock of "${first.replace(/^root-/, "")}"`,
    advice: "Wait for it, and try again.",
  }),
  "settings-ignored": ([first], inputs) => ({
    happened: "it runs, but systemd-nspawn ignored some of its settings",
    advice: `systemd on ${describeHost(inputs.host.connection)} does not know them, or not these values.`,
    details: first,
  }),
  "went-back": ([first, second]) => ({
    happened: `the new root did not boot (${first}), and the old one runs again`,
    advice: "Mend the new root and run `pulumi up` again. The end of the journal of the failed start:",
    details: second,
  }),
  "boot-failed": ([first, second], { name }) => ({
    happened: first,
    advice: `${hints(second)}The end of its journal and console (all of it: journalctl -u systemd-nspawn@${name}):`,
    details: second,
  }),
  "no-unit": ([first]) => ({
    happened: `there is no unit "${first}", and it \`requires\` that`,
    advice: "Install what brings the unit, or take it from `requires`.",
  }),
};

/** What a refusal of the machine's scripts means. */
export const machineRefusals = [
  own,
  bridgeRefusals,
  networkdRefusals,
  attachmentRefusals,
  sourceRefusals,
  deviceRefusals,
];

/** What fails in words that do not lead to the cause. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /inotify|Too many open files/i,
    "The host seems to be out of inotify instances: raise fs.inotify.max_user_instances, or set `install: true` on the Host. ",
  ],
  [
    /Failed to map ids for bind mount/,
    'The file system of a source cannot have its user IDs mapped: put it elsewhere, or set `ownership: "none"` on its BindMount. ',
  ],
];

function hints(journal: string): string {
  return HINTS.flatMap(([cause, hint]) => (cause.test(journal) ? [hint] : [])).join("");
}
