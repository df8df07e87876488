import { isIPv4 } from "node:net";
import { z } from "zod";
import { holdsUnknown } from "../../dynamic";
import { allocate } from "../../host/networks/attachments";
import { nameserversOf } from "../../host/networks/nameservers";
import { type Answer, describeHost, HostError, type Script } from "../../remote";
import { addressAt, addressProblem, boundsOf, offsetIn } from "../../systemd/subnet";
import { type BridgePort, hostOf } from "../attachments/bridge-spec";
import { networksSchema, sameLinks, vethNetworks } from "../attachments/network-specs";
import { subnet6Of, type VethAttachment } from "../attachments/veth-spec";
import { nameserversIn } from "./links/network-link";
import type { MachineInputs } from "./machine-inputs";
import type { Allocation } from "./machine-outputs";

/** What a machine has been assigned already, and the script that asks the host for the rest, if anything is missing. */
export interface AllocationRequest {
  readonly allocation: Allocation;
  readonly script?: Script;
}

/** An address is kept while it is in the subnet; name servers are kept until the links change. */
export function allocationRequest(
  inputs: MachineInputs,
  before: (MachineInputs & Allocation) | undefined,
): AllocationRequest {
  const networks = vethNetworks(inputs.networks);
  if (networks.length === 0) return { allocation: {} };
  const leases = Object.fromEntries(
    networks.flatMap((network) => {
      const address = addressIn(network, before?.leases);
      return address === undefined ? [] : [[network.network, address]];
    }),
  );
  const nameservers = sameLinks(before?.networks, inputs.networks) ? before?.nameservers : undefined;
  const allocation: Allocation = { leases, ...(nameservers && { nameservers }) };
  const unallocated = networks.filter(({ network }) => leases[network] === undefined);
  const asksNameservers = nameservers === undefined && networks.some(({ dns }) => dns === "host");
  if (unallocated.length === 0 && !asksNameservers) return { allocation };
  const attachments = unallocated.map(({ network, subnet }) => ({
    machine: inputs.name,
    network,
    subnet,
    bounds: boundsOf(subnet),
  }));
  return { allocation, script: allocate(attachments) };
}

/**
 * The machine's assignments, completed with the host's answers.
 *
 * @throws HostError if the host has no name server that its machines could reach, or assigned what is no address.
 */
export function allocated(inputs: MachineInputs, allocation: Allocation, answers: readonly Answer[]): Allocation {
  const leases = answers
    .filter(({ key }) => key === "lease")
    .map(({ values: [network = "", address = ""] }) => {
      const subnet = vethNetworks(inputs.networks).find((one) => one.network === network)?.subnet;
      if (subnet === undefined || !isIPv4(address) || addressProblem(subnet, address) !== undefined) {
        throw new HostError({
          attempted: `set up the machine "${inputs.name}"`,
          host: describeHost(inputs.host.connection),
          happened: `the host assigned ${JSON.stringify(address)} in ${JSON.stringify(network)}, which is not an address there`,
          advice: `Check the leases of the network, in /var/lib/pulumi-nspawn/networks/ on the host.`,
        });
      }
      return [network, address];
    });
  const all: Allocation = {
    leases: { ...allocation.leases, ...Object.fromEntries(leases) },
    nameservers: allocation.nameservers ?? nameserversOf(answers),
  };
  const mute = vethNetworks(inputs.networks).find(
    (network) => network.dns === "host" && nameserversIn(network, all).length === 0,
  );
  if (mute === undefined) return all;
  throw new HostError({
    attempted: `set up the machine "${inputs.name}"`,
    host: describeHost(inputs.host.connection),
    happened:
      "the host has no name server that the machine could reach: those in its /etc/resolv.conf are on its loopback, or IPv6",
    advice: `Set some in the network "${mute.network}", as in \`dns: ["9.9.9.9"]\`, or set \`dns: "stub"\` if systemd-resolved runs.`,
  });
}

const leasesSchema = z.record(z.string(), z.string()).catch({});

/** The addresses that a machine has whenever it runs, as far as they are known beforehand. Total, for previews. */
export function knownAddresses(networks: unknown, leases: unknown): { address?: string; addresses?: string[] } {
  const parsed = networksSchema.safeParse(networks);
  if (!parsed.success || holdsUnknown(networks)) return {};
  const [first] = parsed.data;
  if (typeof first === "object" && "bridge" in first) return knownOnBridge(first.bridge);
  const found = vethNetworks(parsed.data).map((network) => ({
    network,
    address: addressIn(network, leasesSchema.parse(leases)),
  }));
  if (found.length === 0 || found.length < parsed.data.length) return {};
  const addresses = found.flatMap(({ address }) => (address === undefined ? [] : [address]));
  const addresses6 = found.flatMap(({ network, address }) => {
    const subnet6 = subnet6Of(network);
    return subnet6 && address ? [addressAt(subnet6, offsetIn(network.subnet, address))] : [];
  });
  const [{ address } = { address: undefined }] = found;
  return {
    ...(address !== undefined && { address }),
    ...(addresses.length === found.length && { addresses: [...addresses, ...addresses6] }),
  };
}

/** IPv6 addresses come from routers there, and are not known in advance. */
function knownOnBridge({ address }: BridgePort): { address?: string } {
  return address === "dhcp" ? {} : { address: hostOf(address) };
}

/** The requested address, else the one that the machine had before, if it is still in the subnet. */
function addressIn({ network, subnet, address }: VethAttachment, leases: Allocation["leases"]): string | undefined {
  const lease = leases?.[network];
  return (
    address ?? (lease !== undefined && isIPv4(lease) && addressProblem(subnet, lease) === undefined ? lease : undefined)
  );
}
