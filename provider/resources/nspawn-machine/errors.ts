import { explainOtherHost } from "../../host/identity";
import { explainDeviceError } from "../../host/machines/devices";
import { explainSourceError } from "../../host/mounts/sources";
import { explainBridgeRefusal } from "../../host/networks/bridges";
import { explainNetworkdRefusal } from "../../host/networks/networkd";
import { describeHost, HostError, RefusedError } from "../../remote";
import { explainAttachmentError } from "./attachment-errors";
import type { MachineInputs } from "./inputs";

/** What a refusal of the machine's scripts means to a user; any other error as it is. */
export function explainMachineError(inputs: MachineInputs, error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const { name } = inputs;
  const [first = "", second = ""] = error.values;
  const explain = (happened: string, advice: string, details?: string) =>
    new HostError({ ...error.parts, happened, advice, ...(details && { details }), cause: error });
  switch (error.code) {
    case "claimed":
      return explain(
        `the machine "${name}" there belongs to ${first}`,
        "Choose another name, or take it over with `adopt: true` if that resource is not used any more.",
      );
    case "foreign":
      return explain(
        `there is a machine "${name}" already that pulumi-nspawn did not make`,
        "Choose another name, or take it over with `adopt: true` on the NspawnMachine.",
      );
    case "foreign-file":
      return explain(
        `there is a file ${first} already that pulumi-nspawn did not make`,
        "Choose another name, or let it be overwritten with `adopt: true` on the NspawnMachine.",
      );
    case "lost":
      return explain(
        `it is not known there any more: its marker is gone`,
        "Run `pulumi refresh`, and then `pulumi up` again.",
      );
    case "no-root":
      return explain(
        `the root /var/lib/machines/${first} is not there`,
        "Run `pulumi refresh`, so that `pulumi up` makes the root again.",
      );
    case "root-foreign":
      return explain(
        `${first} belongs to no resource, so the new root cannot take its place`,
        "Move it away, or run `pulumi refresh` and then `pulumi up` if a DebianRootfs made it.",
      );
    case "root-incomplete":
      return explain(
        `the new root of "${first}" is gone`,
        "Run `pulumi refresh`, so that `pulumi up` makes the root again.",
      );
    case "image-busy":
      return explain(
        `${first} is in use by something other than this machine`,
        "See `machinectl list` on the host, and stop what uses it.",
      );
    case "missing-interface":
      return explain(
        `the host has no interface "${first}"`,
        "Write in `settings.Network` the name of one that `ip link` shows there.",
      );
    case "older-systemd":
      return explain(
        `${first} needs systemd ${second}, and the host has ${error.values[2]}`,
        `Leave it out, or upgrade the host to a release of Debian that has systemd ${second}.`,
      );
    case "locked":
      return explain(
        `another operation holds the lock of "${first.replace(/^root-/, "")}"`,
        "Wait for it, and try again.",
      );
    case "settings-ignored":
      return explain(
        "it runs, but systemd-nspawn ignored some of its settings",
        `systemd on ${describeHost(inputs.host.connection)} does not know them, or not these values.`,
        first,
      );
    case "went-back":
      return explain(
        `the new root did not boot (${first}), and the old one runs again`,
        "Mend the new root and run `pulumi up` again. The end of the journal of the failed start:",
        second,
      );
    case "boot-failed":
      return explain(
        first,
        `${hints(second)}The end of its journal and console (all of it: journalctl -u systemd-nspawn@${name}):`,
        second,
      );
    case "no-unit":
      return explain(
        `there is no unit "${first}", and it \`requires\` that`,
        "Install what brings the unit, or take it from `requires`.",
      );
    default:
      return (
        explainBridgeRefusal(error) ??
        explainNetworkdRefusal(error) ??
        explainAttachmentError(error) ??
        explainDeviceError(explainSourceError(explainOtherHost(error)))
      );
  }
}

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
