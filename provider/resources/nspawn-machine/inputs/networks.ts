import type * as pulumi from "@pulumi/pulumi";
import { effect } from "../../../dynamic";
import type { Entry } from "../../../systemd/settings-file";
import type { NetworkInput } from "../../fragments/attachable";
import { hostIdentity } from "../../fragments/host-identity";
import {
  type NetworkFragment,
  networksEffect,
  networksOfOthers,
  networksSchema,
} from "../../fragments/network-fragments";
import type { OnHost } from "../../on-host";
import { bridgeLink } from "../links/bridge-link";
import { vethLink } from "../links/network-link";
import type { Granted } from "../machine-outputs";
import { merge, type Rendered, type Values } from "../section";

/** What a machine is attached to, as a program gives it. */
export interface NetworksArgs {
  /**
   * What it is attached to: networks and bridges, as they are or from their `attach`, in the order of `host0`, `host1`
   * and so on inside. `["host"]` shares the host's network, `["none"]` has only loopback.
   * @default a private link, `VirtualEthernet=yes`
   */
  readonly networks?: pulumi.Input<pulumi.Input<NetworkInput>[]>;
}

export const inputs = { networks: effect(networksEffect, networksSchema.optional()) };

type Reads = Values<typeof inputs> & { readonly name: string };

export const keys = ["Network.*"];

const entry = (key: string, value: string): Entry => ({ section: "Network", key, value });

/** Always written completely: one network key in the file discards all network options of the unit's command line. */
export function render({ name, networks = [] }: Reads, granted: Granted): Rendered {
  const fragments = networks.filter((network) => typeof network !== "string");
  if (fragments.length > 0) return merge(fragments.map((fragment, index) => linkOf(name, fragment, index, granted)));
  switch (networks[0]) {
    case "host":
      return { nspawn: [entry("Private", "no"), entry("VirtualEthernet", "no")] };
    case "none":
      return { nspawn: [entry("Private", "yes"), entry("VirtualEthernet", "no")] };
    default:
      return { nspawn: [entry("VirtualEthernet", "yes")], links: [{ inside: "host0" }] };
  }
}

export function refuse({ networks, host }: Values<typeof inputs> & OnHost): string[] {
  return networksOfOthers(networks, hostIdentity(host));
}

/** The link of one fragment. Each kind of network is a case here. */
function linkOf(machine: string, fragment: NetworkFragment, index: number, granted: Granted): Rendered {
  if ("bridge" in fragment) return bridgeLink(machine, fragment.bridge, index);
  return vethLink(machine, fragment.veth, index, granted);
}
