import type * as pulumi from "@pulumi/pulumi";
import { effect } from "../../../dynamic";
import type { HostLink } from "../../../host/networks/links";
import { LOOPBACK_SCRIPT } from "../../../host/networks/loopback";
import { expectTable, TABLE_UNIT } from "../../../host/networks/nft-table";
import type { Entry } from "../../../systemd/settings-file";
import { dropInPath, renderDropIn } from "../../../systemd/unit-file";
import type { NetworkInput } from "../../attachments/attachable";
import { hostIdentity } from "../../attachments/host-identity";
import { type NetworkSpec, networksEffect, networksOfOthers, networksSchema } from "../../attachments/network-specs";
import type { OnHost } from "../../on-host";
import { bridgeLink } from "../links/bridge-link";
import { vethLink } from "../links/network-link";
import type { Allocation } from "../machine-outputs";
import { merge, type Rendered, type Values } from "../section";
import { commandLine, service, strictShellCommand } from "./service";

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
export function render({ name, networks = [] }: Reads, allocation: Allocation): Rendered {
  const specs = networks.filter((network) => typeof network !== "string");
  if (specs.length > 0) {
    const links = merge(specs.map((spec, index) => linkOf(name, spec, index, allocation)));
    return merge([links, guarded(name, links.hostLinks)]);
  }
  switch (networks[0]) {
    case "host":
      return { nspawn: [entry("Private", "no"), entry("VirtualEthernet", "no")] };
    case "none":
      return { nspawn: [entry("Private", "yes"), entry("VirtualEthernet", "no")] };
    default:
      return { nspawn: [entry("VirtualEthernet", "yes")], links: [{ guestInterface: "host0" }] };
  }
}

/**
 * What keeps a machine in its networks is there before it starts, also at a boot. A drop-in of its own, since it takes
 * effect at the next start without one being due.
 */
function guarded(machine: string, links: readonly HostLink[]): Rendered {
  const opening = links.flatMap(({ interface: link, loopback }) => (loopback ? [[link, loopback.parts]] : []));
  if (opening.length === 0) return {};
  const entries: Entry[] = [
    { section: "Unit", key: "Wants", value: TABLE_UNIT },
    { section: "Unit", key: "After", value: TABLE_UNIT },
    service("ExecStartPre", strictShellCommand(expectTable)),
    ...opening.map((words) => service("ExecStartPost", commandLine(["-/bin/sh", LOOPBACK_SCRIPT, ...words]))),
  ];
  return { live: new Map([[dropInPath(machine, "network"), { text: renderDropIn(entries) }]]) };
}

export function validate({ networks, host }: Values<typeof inputs> & OnHost): string[] {
  return networksOfOthers(networks, hostIdentity(host));
}

/** The link of one attachment. Each kind of network is a case here. */
function linkOf(machine: string, spec: NetworkSpec, index: number, allocation: Allocation): Rendered {
  if ("bridge" in spec) return bridgeLink(machine, spec.bridge, index);
  return vethLink(machine, spec.veth, index, allocation);
}
