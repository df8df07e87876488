import { z } from "zod";
import { effect } from "../../../dynamic";
import { forgetStaleLeases } from "../../../host/machines/stale-leases";
import { IMAGES } from "../../../host/roots/images";
import { sweepSnapshots } from "../../../host/roots/snapshots";
import { RESET } from "../../../systemd/settings-file";
import { dropInPath, renderDropIn } from "../../../systemd/unit-file";
import type { Rendered, Values } from "../section";
import { service, shellCommand } from "./service";

export const inputs = {
  /** Runs from a copy of the root that is deleted when the machine stops (`--ephemeral`). @default false */
  ephemeral: effect("restart", z.boolean().default(false)),
};

type Reads = Values<typeof inputs> & { readonly name: string; readonly rootName: string };

export const keys = ["Exec.Ephemeral"];

/** Only such a machine may have its own name; its root's path is then given explicitly. */
export function render({ ephemeral, name, rootName }: Reads): Rendered {
  if (!ephemeral) return {};
  const named = name !== rootName;
  return {
    nspawn: [{ section: "Exec", key: "Ephemeral", value: "yes" }],
    // From systemd 259 on the unit cleans up after itself, which fails if no root has the name.
    unit: named ? [{ section: "Service", key: "ExecStopPost", value: RESET }] : [],
    // A drop-in of its own, since it takes effect at the next start without one being due.
    live: new Map([
      [
        dropInPath(name, "leases"),
        { text: renderDropIn([service("ExecStartPre", shellCommand(forgetStaleLeases(name)))]) },
      ],
    ]),
    commandLine: named ? ["--ephemeral", `--directory=${IMAGES}/${rootName}`] : [],
    beforeStart: [sweepSnapshots(rootName)],
    cleanup: [sweepSnapshots(rootName)],
  };
}

export function validate({ name, rootName, ephemeral }: Reads): string[] {
  if (name === rootName || ephemeral) return [];
  return [`name: "${name}" is not the name of the root, "${rootName}": only an ephemeral machine may have its own.`];
}
