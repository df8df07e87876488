import { quoteNspawnWord } from "../../../systemd/nspawn-words";
import type { Entry } from "../../../systemd/settings-file";
import type { Part } from "../contribution";

const exec = (key: string, value: string): Entry => ({ section: "Exec", key, value });

/** An init is booted; no input says so, and an adopted machine keeps its own. */
export const bootPart: Part = { inputs: [], owns: () => [], of: () => ({ nspawn: [exec("Boot", "yes")] }) };

/** The root's own time zone holds: else nspawn puts the host's over it at each start. */
export const timezonePart: Part = { inputs: [], owns: () => [], of: () => ({ nspawn: [exec("Timezone", "off")] }) };

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
  of: ({ ephemeral, name, rootName }) => ({
    nspawn: ephemeral ? [exec("Ephemeral", "yes")] : [],
    // Where the file system has no snapshots, the copy of the root is made while the unit starts.
    unit: ephemeral ? [{ section: "Service", key: "TimeoutStartSec", value: "10min" }] : [],
    commandLine: name === rootName ? [] : ["--ephemeral", `--directory=/var/lib/machines/${rootName}`],
  }),
};
