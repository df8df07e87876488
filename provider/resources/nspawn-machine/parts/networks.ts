import type { Entry } from "../../../systemd/settings-file";
import type { Contribution, Part } from "../contribution";
import type { MachineInputs } from "../inputs";

/** Always written whole: one network key in the file discards all that the unit's command line says of the network. */
export const networksPart: Part = { inputs: ["networks"], owns: () => ["Network.*"], of: contribution };

function contribution({ networks }: MachineInputs): Contribution {
  const entry = (key: string, value: string): Entry => ({ section: "Network", key, value });
  switch (networks?.[0]) {
    case "host":
      return { nspawn: [entry("Private", "no"), entry("VirtualEthernet", "no")] };
    case "none":
      return { nspawn: [entry("Private", "yes"), entry("VirtualEthernet", "no")] };
    default:
      return { nspawn: [entry("VirtualEthernet", "yes")] };
  }
}
