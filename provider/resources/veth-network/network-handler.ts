import { UNKNOWN } from "../../dynamic";
import { machineIdIn } from "../../host/answered";
import { fileDrift } from "../../host/drift";
import { dockerDrift } from "../../host/networks/docker";
import { firewallsOf } from "../../host/networks/firewalls";
import { hasLink, linkDrift } from "../../host/networks/links";
import { sharedFiles, TABLE_UNIT, tableDrift } from "../../host/networks/nft-table";
import {
  ensureNetwork,
  type NetworkPlan,
  networkMarkerPath,
  networksInventory,
  removeNetwork,
} from "../../host/networks/veth-networks";
import { type Claim, ownerIn, randomId } from "../../host/ownership";
import { linkGroup } from "../../nftables/table";
import { type Answer, describeHost } from "../../remote";
import { boundsOf, gatewayOf, isPublic } from "../../systemd/subnet";
import { subnet6Of } from "../attachments/veth-spec";
import { defineOnHost } from "../define-on-host";
import type { Operation } from "../operation";
import { firewallWarning } from "./firewall-warning";
import { bridgeLink, networkFiles, stubOf } from "./network-files";
import {
  type NetworkInputs,
  type NetworkOutputs,
  type NetworkState,
  networkInputs,
  networkOutputs,
} from "./network-inputs";
import { networkRefusals } from "./network-refusals";

/** @internal */
export const networkHandler = defineOnHost<NetworkInputs, NetworkOutputs>({
  kind: "VethNetwork",
  version: 1,
  inputs: networkInputs,
  outputs: networkOutputs,
  describe: ({ name }) => `the network "${name}"`,
  noun: "network",
  refusals: networkRefusals,
  inventory: networksInventory,
  derived: { gateway: ["subnet"] },
  computed: ({ subnet }) => ({
    gateway: typeof subnet === "string" && subnet !== UNKNOWN ? gatewayOf(subnet) : subnet,
  }),
  uniqueKeys: ({ host, name }) => [`the network "${name}" on ${describeHost(host.connection)}`],
  validate: violations,
  warnings: ({ subnet }) => {
    if (typeof subnet !== "string" || !isPublic(subnet)) return [];
    return [
      `${subnet} is not a private subnet (RFC 1918, RFC 6598): machines and this host no longer reach whoever has these ` +
        "addresses on the Internet. Choose one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
    ];
  },
  create: async (inputs, operation) => {
    const owner = randomId();
    const claim = operation.claimOf(owner, { fresh: true, adopt: inputs.adopt });
    return { id: `${inputs.name}@${owner}`, outputs: await ensure(operation, claim) };
  },
  update: (_inputs, { owner }, operation) => ensure(operation, operation.claimOf(owner, { fresh: false })),
  observe,
  delete: async ({ name, owner }, operation) => {
    warn(operation, await operation.run("remove", removeNetwork(name, owner)));
  },
  marker: ({ name, owner }) => ({ path: networkMarkerPath(name), owner }),
});

function violations(inputs: NetworkInputs): string[] {
  const { dhcp, dns } = inputs;
  const subnet6 = subnet6Of(inputs);
  const ipv6Server = Array.isArray(dns) ? dns.find((server) => server.includes(":")) : undefined;
  return [
    ...(dhcp && subnet6 !== undefined
      ? [
          "subnet6: DHCP leases are IPv4 addresses only. Leave out `dhcp` for static addresses of both kinds, or leave out `subnet6`.",
        ]
      : []),
    ...(ipv6Server !== undefined && subnet6 === undefined
      ? [
          `dns: machines cannot reach "${ipv6Server}" without an IPv6 address. Give the network a \`subnet6\`, or use an IPv4 server.`,
        ]
      : []),
  ];
}

/** Create and update do the same. */
async function ensure(operation: Operation<NetworkInputs>, claim: Claim): Promise<NetworkOutputs> {
  const { inputs } = operation;
  const { owner } = claim;
  const script = ensureNetwork(planOf(inputs, claim));
  const outputs = (seen: readonly Answer[]) => ({ owner, machineId: machineIdIn(seen) });
  const answers = await operation.claim("set up", script, `${inputs.name}@${owner}`, outputs);
  warn(operation, answers);
  for (const firewall of firewallsOf(answers)) operation.warn(firewallWarning(firewall, inputs));
  return outputs(answers);
}

function warn(operation: Operation<NetworkInputs>, answers: readonly Answer[]): void {
  for (const { key, values } of answers) if (key === "warning") operation.warn(values.join(" "));
}

function planOf(inputs: NetworkInputs, claim: Claim): NetworkPlan {
  const { name, subnet, dns } = inputs;
  return {
    name,
    claim,
    files: networkFiles(inputs),
    subnet,
    bounds: boundsOf(subnet),
    subnet6: subnet6Of(inputs),
    group: linkGroup(name),
    stub: stubOf(inputs),
    asksHost: dns === "host",
    bridge: inputs.mode === "zone" ? bridgeLink(inputs) : undefined,
  };
}

/** A network as found in the inventory. Differences from its files, and from the table they define, are its `drift`. */
function observe(state: NetworkState, answers: readonly Answer[]): NetworkState | "gone" {
  const { name } = state;
  const marker = answers.find(({ key, values }) => key === "network" && values[0] === name)?.values[1];
  if (marker === undefined || ownerIn(marker) !== state.owner) return "gone";
  return {
    ...state,
    drift: {
      ...fileDrift(networkFiles(state), answers, "network-file", name),
      ...fileDrift(sharedFiles, answers, "network-file", ""),
      ...sharedDrift(answers),
      ...ownDrift(state, answers),
    },
  };
}

/** What the host has of this network alone. */
function ownDrift(inputs: NetworkInputs, answers: readonly Answer[]): Record<string, string> {
  const { name, mode } = inputs;
  const stub = stubOf(inputs);
  const forwards6 = answers.find(({ key }) => key === "forwarding")?.values[1] !== "0";
  const listening = answers.find(({ key }) => key === "stubs")?.values[0]?.split("\n");
  // systemd-nspawn creates the bridge with the first machine, and removes it with the last.
  const bridge = mode === "zone" && hasLink(`vz-${name}`, answers) ? linkDrift(bridgeLink(inputs), answers) : "";
  return {
    ...(subnet6Of(inputs) !== undefined && !forwards6 && { "net.ipv6.conf.all.forwarding": "-1\n+0" }),
    ...(stub !== undefined && listening?.includes(stub) === false && { dns: `-DNSStubListenerExtra=${stub}` }),
    ...(bridge !== "" && { subnet: bridge }),
  };
}

function sharedDrift(answers: readonly Answer[]): Record<string, string> {
  const values = (key: string) => answers.find((answer) => answer.key === key)?.values ?? [];
  const [active = "", enabled = ""] = values("network-unit");
  const table = tableDrift(answers);
  const docker = dockerDrift(answers);
  return {
    ...((active !== "active" || enabled !== "enabled") && { [TABLE_UNIT]: `${active}, ${enabled}` }),
    ...(values("forwarding")[0] !== "1" && { "net.ipv4.ip_forward": "0" }),
    ...(table !== "" && { nftables: table }),
    ...(docker !== "" && { docker }),
  };
}
