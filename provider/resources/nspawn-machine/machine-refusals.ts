import { deviceRefusals } from "../../host/machines/device-refusals";
import { sourceRefusals } from "../../host/mounts/source-refusals";
import { bridgeRefusals } from "../../host/networks/bridges";
import { networkdRefusals } from "../../host/networks/networkd";
import type { Refusals } from "../../host/refusals";
import { describeHost } from "../../remote";
import { adviceOnClaim } from "../claimed";
import { attachmentRefusals } from "./attachment-refusals";
import type { MachineInputs } from "./machine-inputs";

const own: Refusals<MachineInputs> = {
  claimed: ([first], { name }) => ({
    happened: `the machine "${name}" there belongs to ${first}`,
    advice: adviceOnClaim("Otherwise choose another name"),
  }),
  foreign: (_values, { name }) => ({
    happened: `there is a machine "${name}" already that pulumi-nspawn did not make`,
    advice: "Choose another name, or take it over with `adopt: true` on the NspawnMachine.",
  }),
  "foreign-file": ([first]) => ({
    happened: `there is a file ${first} already that pulumi-nspawn did not make`,
    advice: "Choose another name, or set `adopt: true` on the NspawnMachine to overwrite it.",
  }),
  "link-unsettled": ([first, second]) => ({
    happened: `systemd-networkd does not configure the host's end of its link, ${first}, as it is to be; its file is ${second || "none"}`,
    advice:
      "If that is not a file of pulumi-nspawn, it matches the link and sorts before ours: change its [Match] section. Otherwise see `networkctl status` and the journal of systemd-networkd.",
  }),
  "unit-overridden": ([first, second], { name }) => ({
    happened: `${first}, a drop-in for all machines there, overrides what the machine "${name}" sets: ${second.trim().split("\n").join(", ")}`,
    advice: "Remove these lines there, or give the file a name that sorts before 90-pulumi-nspawn.",
  }),
  lost: () => ({
    happened: `the host no longer knows it: its marker is gone`,
    advice: "Run `pulumi refresh`, and then `pulumi up` again.",
  }),
  "no-root": ([first]) => ({
    happened: `the root /var/lib/machines/${first} does not exist`,
    advice: "Run `pulumi refresh`, so that `pulumi up` creates the root again.",
  }),
  "root-foreign": ([first]) => ({
    happened: `${first} belongs to no resource, so the new root cannot replace it`,
    advice: "Move it away, or run `pulumi refresh` and then `pulumi up` if a DebianRootfs created it.",
  }),
  "root-incomplete": ([first]) => ({
    happened: `the new root of "${first}" is gone`,
    advice: "Run `pulumi refresh`, so that `pulumi up` creates the root again.",
  }),
  "image-busy": ([first]) => ({
    happened: `${first} is in use by something other than this machine`,
    advice: "Find it with `machinectl list` on the host, and stop it.",
  }),
  "missing-interface": ([first]) => ({
    happened: `the host has no interface "${first}"`,
    advice: "Set `settings.Network` to a name that `ip link` lists there.",
  }),
  "older-systemd": ([first, second, third]) => ({
    happened: `${first} needs systemd ${second}, and the host has ${third}`,
    advice: `Leave it out, or upgrade the host to a Debian release with systemd ${second}.`,
  }),
  locked: ([first]) => ({
    happened: `another operation holds the lock of "${first.replace(/^root-/, "")}"`,
    advice: "Wait for it, and try again.",
  }),
  "host-silent": ([service]) => ({
    happened: `${SERVICES[service] ?? service} does not answer there, so the machine was not stopped: it could not be started again`,
    advice: `The machine still runs with its former settings. See \`systemctl status ${SERVICES[service] ?? service}\` and its journal on the host, and run \`pulumi up\` again once it answers.`,
  }),
  "settings-ignored": ([first], inputs) => ({
    happened: "it runs, but systemd-nspawn ignored some of its settings",
    advice: `systemd on ${describeHost(inputs.host.connection)} does not support them, or not these values.`,
    details: first,
  }),
  "root-rolled-back": ([first, second]) => ({
    happened: `the new root did not boot (${first}), and the machine was rolled back to the old one`,
    advice:
      "The old root and all its data stay until the machine boots the new one: only then does `pulumi up` delete what it " +
      "marks for deletion now. Fix the new root and run `pulumi up` again, or take back the change of the DebianRootfs: " +
      "then the old root is kept. Last lines of the failed boot's journal:",
    details: second,
  }),
  "boot-failed": ([first, second], { name }) => ({
    happened: first,
    advice: `${hints(second)}Last lines of its journal and console (full output: journalctl -u systemd-nspawn@${name}):`,
    details: second,
  }),
  "no-unit": ([first]) => ({
    happened: `there is no unit "${first}", but it \`requires\` that`,
    advice: "Install what provides the unit, or remove it from `requires`.",
  }),
};

/** The units of names on the bus. */
const SERVICES: Readonly<Record<string, string>> = {
  "org.freedesktop.DBus": "dbus.service",
  "org.freedesktop.machine1": "systemd-machined.service",
  "org.freedesktop.network1": "systemd-networkd.service",
};

/** Explains the refusals of the machine's scripts. */
export const machineRefusals = [
  own,
  bridgeRefusals,
  networkdRefusals,
  attachmentRefusals,
  sourceRefusals,
  deviceRefusals,
];

/** Failures whose own message does not lead to the cause. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /inotify|Too many open files/i,
    "The host seems to be out of inotify instances: raise fs.inotify.max_user_instances, or set `install: true` on the Host. ",
  ],
  [
    /Failed to map ids for bind mount/,
    'The file system of a source does not support mapped user IDs: move the source, or set `ownership: "none"` on its BindMount. ',
  ],
];

function hints(journal: string): string {
  return HINTS.flatMap(([cause, hint]) => (cause.test(journal) ? [hint] : [])).join("");
}
