import { IMAGES } from "../../../host/roots/images";
import { sweepSnapshots } from "../../../host/roots/snapshots";
import { quoteNspawnWord } from "../../../systemd/nspawn-words";
import { type Entry, RESET } from "../../../systemd/settings-file";
import type { Part } from "../contribution";

const exec = (key: string, value: string): Entry => ({ section: "Exec", key, value });
const service = (key: string, value: Entry["value"]): Entry => ({ section: "Service", key, value });

/** An init is booted; no input says so, and an adopted machine keeps its own. */
export const bootPart: Part = { inputs: [], owns: () => [], of: () => ({ nspawn: [exec("Boot", "yes")] }) };

/** The root's own time zone holds, unless `settings` say otherwise: else nspawn puts the host's over it at each start. */
export const timezonePart: Part = {
  inputs: [],
  owns: () => [],
  of: ({ settings }) => ({ nspawn: settings?.Exec?.Timezone === undefined ? [exec("Timezone", "off")] : [] }),
};

export const hostnamePart: Part = {
  inputs: ["hostname"],
  owns: () => ["Exec.Hostname"],
  of: ({ hostname, name }) => ({ nspawn: [exec("Hostname", hostname ?? name)] }),
};

export const environmentPart: Part = {
  inputs: ["environment"],
  owns: () => ["Exec.Environment"],
  of: ({ environment = {} }) => ({
    nspawn: Object.entries(environment).map(([key, value]) => exec("Environment", quoteNspawnWord(`${key}=${value}`))),
  }),
};

/** A copy of the root that is thrown away. Only such a machine may have a name of its own, and is told where its root is. */
export const ephemeralPart: Part = {
  inputs: ["ephemeral"],
  owns: () => ["Exec.Ephemeral"],
  of: ({ ephemeral, name, rootName }) => {
    if (!ephemeral) return {};
    const named = name !== rootName;
    return {
      nspawn: [exec("Ephemeral", "yes")],
      unit: [
        // From systemd 259 on the unit cleans up after itself, which fails for a name that no root has.
        ...(named ? [service("ExecStopPost", RESET)] : []),
      ],
      commandLine: named ? ["--ephemeral", `--directory=${IMAGES}/${rootName}`] : [],
      apply: [sweepSnapshots(rootName)],
      release: [sweepSnapshots(rootName)],
    };
  },
};

/**
 * Where the file system has no snapshots, the copy of an ephemeral machine's root is made while the unit starts; and a machine
 * boots there that is to tell when it is ready (systemd issue 37295).
 */
export const startTimePart: Part = {
  inputs: ["ephemeral", "settings"],
  owns: () => [],
  of: ({ ephemeral, settings }) => ({
    unit:
      ephemeral || settings?.Exec?.NotifyReady === true
        ? [{ section: "Service", key: "TimeoutStartSec", value: "10min" }]
        : [],
  }),
};
