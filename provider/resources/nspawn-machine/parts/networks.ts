import type { Entry } from "../../../systemd/settings-file";
import type { NetworkFragment } from "../../fragments/networks";
import { type Contribution, merge, type Part } from "../contribution";
import type { Granted, MachineInputs } from "../inputs";
import { bridgeLink } from "./links/bridge";
import { vethLink } from "./links/veth";

/** Always written whole: one network key in the file discards all that the unit's command line says of the network. */
export const networksPart: Part = { inputs: ["networks"], owns: () => ["Network.*"], of: contribution };

const entry = (key: string, value: string): Entry => ({ section: "Network", key, value });

function contribution(inputs: MachineInputs, granted: Granted): Contribution {
  const networks = inputs.networks ?? [];
  const fragments = networks.filter((network) => typeof network !== "string");
  if (fragments.length > 0)
    return merge(fragments.map((fragment, index) => linkOf(inputs.name, fragment, index, granted)));
  switch (networks[0]) {
    case "host":
      return { nspawn: [entry("Private", "no"), entry("VirtualEthernet", "no")] };
    case "none":
      return { nspawn: [entry("Private", "yes"), entry("VirtualEthernet", "no")] };
    default:
      return { nspawn: [entry("VirtualEthernet", "yes")], links: [{ inside: "host0" }] };
  }
}

/** The link of one fragment: a kind of network is a case here. */
function linkOf(machine: string, fragment: NetworkFragment, index: number, granted: Granted): Contribution {
  if ("bridge" in fragment) return bridgeLink(machine, fragment.bridge, index);
  return vethLink(machine, fragment.veth, index, granted);
}
