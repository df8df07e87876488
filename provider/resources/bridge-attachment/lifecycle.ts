import type { Context, Lifecycle } from "../../dynamic";
import { expectHost, identify } from "../../host/identity";
import { forgetInventory, inventory } from "../../host/inventory";
import {
  bridgeManifestPath,
  bridgeMarkerPath,
  claimBridge,
  expectBridge,
  expectUnused,
  expectVlanFiltering,
  lookAtUplink,
} from "../../host/networks/bridges";
import { changeNetwork, type NetworkChange } from "../../host/networks/change";
import { randomId } from "../../host/ownership";
import { type Answer, describeHost, first, HostError, lines, run, type Script } from "../../remote";
import { bridgePortShape } from "../fragments/bridge";
import { targetOf } from "../on-host";
import { removeFrom } from "../removal";
import { explainBridgeError } from "./errors";
import { bridgeFiles, netdevPath, networkPath } from "./files";
import {
  type BridgeCreate,
  type BridgeInputs,
  type BridgeOutputs,
  bridgeInputs,
  bridgeOutputs,
  type Origin,
  refusals,
} from "./inputs";
import { readBridge } from "./observe";
import { type BridgeMarker, markerText, obstacle, originOf, parseMarker } from "./uplink";

/** @internal */
export const bridgeLifecycle: Lifecycle<BridgeInputs, BridgeOutputs> = {
  kind: "BridgeAttachment",
  version: 1,
  inputs: bridgeInputs,
  outputs: bridgeOutputs,
  // Together under one key: in a preview an output that is missing, as an input that was not given, is unknown.
  derive: (inputs) => ({
    port: Object.fromEntries(
      Object.keys(bridgePortShape).flatMap((key) => (inputs[key] === undefined ? [] : [[key, inputs[key]]])),
    ),
  }),
  refuse: refusals,
  claims: ({ host, bridge, create }) => {
    const place = describeHost(host.connection);
    return create === undefined
      ? []
      : [`the bridge "${bridge}" on ${place}`, `the uplink "${create.uplink}" on ${place}`];
  },

  create: async (inputs, context) => {
    const owner = randomId();
    const { create } = inputs.timeouts;
    return { id: `${inputs.bridge}@${owner}`, outputs: await ensure(inputs, owner, undefined, create, context) };
  },

  update: (_id, state, inputs, context) =>
    ensure(inputs, state.owner, state.machineId, inputs.timeouts.update, context),

  read: async (_id, state) => {
    const answers = await inventory(targetOf(state));
    const place = { attempted: `look at the bridge "${state.bridge}"`, host: describeHost(state.host.connection) };
    expectHost(place, answers, state.machineId);
    return readBridge(state, answers);
  },

  delete: async (_id, state, context) => {
    const { create } = state;
    if (create !== undefined) await removeFrom(state, "bridge", context, () => remove(state, create, context));
  },
};

/** Create and update are one: look, plan, and change what differs. Without `create` there is only something to check. */
async function ensure(
  inputs: BridgeInputs,
  owner: string,
  machineId: string | undefined,
  seconds: number,
  context: Context,
): Promise<BridgeOutputs> {
  const { bridge, create } = inputs;
  if (create === undefined) {
    const checks = [expectBridge(bridge), ...(inputs.vlan === undefined ? [] : [expectVlanFiltering(bridge)])];
    const answers = await ask(inputs, "use", lines([identify(machineId), ...checks]), seconds);
    return { owner, machineId: first(answers, "machine-id") };
  }
  const answers = await ask(inputs, "make", lines([identify(machineId), lookAtUplink(bridge, create.uplink)]), seconds);
  const there = markerIn(answers);
  const origin = there?.origin.uplink === create.uplink ? there.origin : newOrigin(inputs, create, answers);
  const links = [create.uplink, ...(there === undefined ? [] : [there.origin.uplink])];
  await change(inputs, "make", seconds, context, machineId, {
    ...about(bridge),
    uplink: create.uplink,
    links: [...new Set(links)],
    files: { restart: new Map(), live: bridgeFiles(bridge, create, origin) },
    marker: { path: bridgeMarkerPath(bridge), text: markerText({ owner, urn: context.urn, origin }) },
    before: claimBridge(bridge, owner, inputs.adopt),
  });
  return { owner, machineId: first(answers, "machine-id") };
}

function newOrigin(inputs: BridgeInputs, create: BridgeCreate, answers: readonly Answer[]): Origin {
  const origin = originOf(create.uplink, answers);
  const problem = obstacle(inputs.bridge, create, origin, answers);
  if (problem !== undefined) throw new HostError({ ...placeOf(inputs, "make"), ...problem });
  return origin;
}

/** The uplink gets back what it had, in the same safe way; nothing where the host has another's bridge or none. */
async function remove(state: BridgeInputs & BridgeOutputs, create: BridgeCreate, context: Context): Promise<void> {
  const { bridge, owner, machineId, timeouts } = state;
  const look = lines([identify(machineId), lookAtUplink(bridge, create.uplink)]);
  const there = markerIn(await ask(state, "remove", look, timeouts.delete));
  if (there?.owner !== owner) return;
  const { uplink } = there.origin;
  await change(state, "remove", timeouts.delete, context, machineId, {
    ...about(bridge),
    uplink: undefined,
    links: [uplink],
    files: { restart: new Map(), live: new Map() },
    marker: { path: bridgeMarkerPath(bridge), text: undefined },
    before: lines([claimBridge(bridge, owner, false), expectUnused(bridge, uplink)]),
  });
}

function about(bridge: string): Pick<NetworkChange, "bridge" | "netdev" | "network" | "manifest"> {
  return { bridge, netdev: netdevPath(bridge), network: networkPath(bridge), manifest: bridgeManifestPath(bridge) };
}

function markerIn(answers: readonly Answer[]): BridgeMarker | undefined {
  return parseMarker(answers.find(({ key }) => key === "marker")?.values[1]);
}

async function change(
  inputs: BridgeInputs,
  verb: string,
  timeoutSeconds: number,
  context: Context,
  machineId: string | undefined,
  wanted: Omit<NetworkChange, "token" | "gatewayHasToAnswer">,
): Promise<void> {
  const target = targetOf(inputs);
  forgetInventory(target);
  try {
    await changeNetwork(
      target,
      { ...wanted, token: randomId(), gatewayHasToAnswer: target.connection.host === "local" },
      {
        attempt: placeOf(inputs, verb).attempted,
        identify: identify(machineId),
        timeoutSeconds,
        onAnswer: ({ key, values }) => {
          if (key === "progress") context.progress(values.join(" "));
        },
      },
    );
  } catch (error) {
    throw explainBridgeError(error);
  } finally {
    forgetInventory(target);
  }
}

async function ask(inputs: BridgeInputs, verb: string, script: Script, timeoutSeconds: number): Promise<Answer[]> {
  const { attempted } = placeOf(inputs, verb);
  try {
    return await run(targetOf(inputs), script, { attempt: attempted, timeoutSeconds, retry: true });
  } catch (error) {
    throw explainBridgeError(error);
  }
}

function placeOf(inputs: BridgeInputs, verb: string): { readonly attempted: string; readonly host: string } {
  return { attempted: `${verb} the bridge "${inputs.bridge}"`, host: describeHost(inputs.host.connection) };
}
