import { quoteNspawnWord } from "../../../systemd/nspawn-file";
import type { Entry } from "../../../systemd/settings-file";
import type { Contribution } from "../contribution";
import type { MachineInputs } from "../inputs";

/** What is booted, under which name, from which tree, and the environment of its first process. */
export function bootPart(inputs: MachineInputs): Contribution {
  const exec = (key: string, value: string): Entry => ({ section: "Exec", key, value });
  return {
    nspawn: [
      exec("Boot", "yes"),
      exec("Hostname", inputs.hostname ?? inputs.name),
      ...(inputs.ephemeral ? [exec("Ephemeral", "yes")] : []),
      ...Object.entries(inputs.environment ?? {}).map(([key, value]) =>
        exec("Environment", quoteNspawnWord(`${key}=${value}`)),
      ),
      // Else nspawn puts the host's time zone over that of the root at each start.
      exec("Timezone", "off"),
    ],
    // Where the file system has no snapshots, the copy of the root is made while the unit starts.
    unit: inputs.ephemeral ? [{ section: "Service", key: "TimeoutStartSec", value: "10min" }] : [],
    // Only an ephemeral machine may have a name of its own, and then it needs to be told where its root is.
    commandLine:
      inputs.name === inputs.rootName ? [] : ["--ephemeral", `--directory=/var/lib/machines/${inputs.rootName}`],
  };
}
