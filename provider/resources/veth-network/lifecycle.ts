import { type Context, type Lifecycle, UNKNOWN, UnfinishedError } from "../../dynamic";
import { difference, fileDrift } from "../../host/drift";
import { expectHost, identify } from "../../host/identity";
import { forgetInventory, inventory } from "../../host/inventory";
import { firewallsOf } from "../../host/networks/firewalls";
import { sharedFiles, TABLE_UNIT } from "../../host/networks/nft-table";
import { ensureNetwork, type NetworkPlan, removeNetwork } from "../../host/networks/veth-networks";
import { ownerIn, randomId } from "../../host/ownership";
import { linkGroup } from "../../nftables/table";
import { type Answer, describeHost, first, lines, run, type Script } from "../../remote";
import { boundsOf, gatewayOf } from "../../systemd/subnet";
import { subnet6Of } from "../fragments/veth";
import { targetOf } from "../on-host";
import { removeFrom } from "../removal";
import { explainNetworkError, firewallWarning } from "./errors";
import { networkFiles, stubOf } from "./files";
import { type NetworkInputs, type NetworkOutputs, type NetworkState, networkInputs, networkOutputs } from "./inputs";

/** @internal */
export const networkLifecycle: Lifecycle<NetworkInputs, NetworkOutputs> = {
  kind: "VethNetwork",
  version: 1,
  inputs: networkInputs,
  outputs: networkOutputs,
  derive: ({ subnet }) => ({ gateway: typeof subnet === "string" && subnet !== UNKNOWN ? gatewayOf(subnet) : subnet }),
  claims: ({ host, name }) => [`the network "${name}" on ${describeHost(host.connection)}`],
  refuse: refusals,

  create: async (inputs, context) => {
    const owner = randomId();
    return {
      id: `${inputs.name}@${owner}`,
      outputs: await ensure(inputs, { owner, fresh: true }, inputs.timeouts.create, context),
    };
  },

  update: (_id, state, inputs, context) =>
    ensure(inputs, { owner: state.owner, fresh: false, machineId: state.machineId }, inputs.timeouts.update, context),

  read: async (_id, state) => {
    const answers = await inventory(targetOf(state));
    expectHost(place(state, "look at"), answers, state.machineId);
    return observed(state, answers);
  },

  delete: async (_id, state, context) => {
    const script = lines([identify(state.machineId), removeNetwork(state.name, state.owner)]);
    await removeFrom(state, "network", context, async () => {
      await onNetwork(state, "remove", script, state.timeouts.delete, context);
    });
  },
};

function refusals(inputs: NetworkInputs): string[] {
  const { dhcp, dns } = inputs;
  const subnet6 = subnet6Of(inputs);
  const six = Array.isArray(dns) ? dns.find((server) => server.includes(":")) : undefined;
  return [
    ...(dhcp && subnet6 !== undefined
      ? [
          "subnet6: leases of DHCP are IPv4 addresses only. Leave out `dhcp` for static addresses of both kinds, or `subnet6`.",
        ]
      : []),
    ...(six !== undefined && subnet6 === undefined
      ? [
          `dns: machines cannot reach "${six}" without an IPv6 address. Give the network a \`subnet6\`, or name an IPv4 server.`,
        ]
      : []),
  ];
}

interface Claim {
  readonly owner: string;
  readonly fresh: boolean;
  readonly machineId?: string | undefined;
}

/** Create and update are one; what was claimed on the host but not finished stays Pulumi's to finish or remove. */
async function ensure(inputs: NetworkInputs, claim: Claim, seconds: number, context: Context): Promise<NetworkOutputs> {
  const script = lines([identify(claim.machineId), ensureNetwork(planOf(inputs, claim, context))]);
  const seen: Answer[] = [];
  try {
    const answers = await onNetwork(inputs, "set up", script, seconds, context, seen);
    for (const firewall of firewallsOf(answers)) context.warn(firewallWarning(firewall, inputs));
    return { owner: claim.owner, machineId: first(answers, "machine-id") };
  } catch (error) {
    if (!(error instanceof Error) || !seen.some((answer) => answer.key === "claimed")) throw error;
    const outputs = { owner: claim.owner, machineId: first(seen, "machine-id") };
    throw new UnfinishedError(`${inputs.name}@${claim.owner}`, outputs, error);
  }
}

function planOf(inputs: NetworkInputs, { owner, fresh }: Claim, { urn }: Context): NetworkPlan {
  const { name, adopt, subnet, dns } = inputs;
  return {
    name,
    owner,
    fresh,
    adopt,
    urn,
    files: networkFiles(inputs),
    subnet,
    bounds: boundsOf(subnet),
    subnet6: subnet6Of(inputs),
    group: linkGroup(name),
    stub: stubOf(inputs),
    asksHost: dns === "host",
  };
}

/** A network as the inventory shows it: what differs from its files, and from the table they make, is `drift`. */
function observed(state: NetworkState, answers: readonly Answer[]): NetworkState | "gone" {
  const { name } = state;
  const marker = answers.find(({ key, values }) => key === "network" && values[0] === name)?.values[1];
  if (marker === undefined || ownerIn(marker) !== state.owner) return "gone";
  return {
    ...state,
    drift: {
      ...fileDrift(networkFiles(state), answers, "network-file", name),
      ...fileDrift(sharedFiles, answers, "network-file", ""),
      ...sharedDrift(answers),
    },
  };
}

function sharedDrift(answers: readonly Answer[]): Record<string, string> {
  const values = (key: string) => answers.find((answer) => answer.key === key)?.values ?? [];
  const [active = "", enabled = ""] = values("network-unit");
  const [is, should] = values("network-table");
  return {
    ...((active !== "active" || enabled !== "enabled") && { [TABLE_UNIT]: `${active}, ${enabled}` }),
    ...(values("forwarding")[0] !== "1" && { "net.ipv4.ip_forward": "0" }),
    ...(is !== undefined &&
      should !== undefined && { nftables: is === "" ? "the table is gone" : difference(should, is) }),
  };
}

function place(inputs: NetworkInputs, verb: string): { attempted: string; host: string } {
  return { attempted: `${verb} the network "${inputs.name}"`, host: describeHost(inputs.host.connection) };
}

async function onNetwork(
  inputs: NetworkInputs,
  verb: string,
  script: Script,
  timeoutSeconds: number,
  context: Context,
  seen: Answer[] = [],
): Promise<Answer[]> {
  const target = targetOf(inputs);
  forgetInventory(target);
  const onAnswer = (answer: Answer) => {
    seen.push(answer);
    if (answer.key === "progress") context.progress(answer.values.join(" "));
  };
  try {
    return await run(target, script, { attempt: place(inputs, verb).attempted, timeoutSeconds, onAnswer, retry: true });
  } catch (error) {
    throw explainNetworkError(inputs, error);
  }
}
