import { machineIdIn } from "../../host/answered";
import {
  bridgeMarkerPath,
  bridgesInventory,
  claimBridge,
  expectBridge,
  expectVlanFiltering,
  inspectUplink,
} from "../../host/networks/bridges";
import { type Claim, markerText, randomId } from "../../host/ownership";
import { type Answer, describeHost, HostError, lines } from "../../remote";
import { bridgePortShape } from "../attachments/bridge-spec";
import { defineOnHost } from "../define-on-host";
import type { Operation } from "../operation";
import { aboutBridge, changeBridge, markerIn, removeBridge } from "./bridge-change";
import { bridgeFiles } from "./bridge-files";
import {
  type BridgeCreate,
  type BridgeInputs,
  type BridgeOutputs,
  bridgeInputs,
  bridgeOutputs,
  type Origin,
  violations,
} from "./bridge-inputs";
import { bridgeAttachmentRefusals } from "./bridge-refusals";
import { readBridge } from "./observe-bridge";
import { findBlocker, originOf } from "./uplink";

/** @internal */
export const bridgeHandler = defineOnHost<BridgeInputs, BridgeOutputs>({
  kind: "BridgeAttachment",
  version: 1,
  inputs: bridgeInputs,
  outputs: bridgeOutputs,
  describe: ({ bridge }) => `the bridge "${bridge}"`,
  noun: "bridge",
  refusals: bridgeAttachmentRefusals,
  inventory: bridgesInventory,
  // Grouped under one key: in a preview, an output that is missing because its input was not given is unknown.
  computed: (inputs) => ({
    port: Object.fromEntries(
      Object.keys(bridgePortShape).flatMap((key) => (inputs[key] === undefined ? [] : [[key, inputs[key]]])),
    ),
  }),
  validate: violations,
  uniqueKeys: ({ host, bridge, create }) => {
    const place = describeHost(host.connection);
    return create === undefined
      ? []
      : [`the bridge "${bridge}" on ${place}`, `the uplink "${create.uplink}" on ${place}`];
  },

  create: async (inputs, operation) => {
    const owner = randomId();
    const claim = operation.claimOf(owner, { fresh: true, adopt: inputs.adopt });
    return { id: `${inputs.bridge}@${owner}`, outputs: await ensure(operation, claim) };
  },
  update: ({ adopt }, { owner }, operation) => ensure(operation, operation.claimOf(owner, { fresh: false, adopt })),
  observe: readBridge,
  delete: async ({ bridge, create, owner }, operation) => {
    if (create !== undefined) await removeBridge({ bridge, owner, uplink: create.uplink }, operation);
  },
  marker: ({ bridge, create, owner }) => (create === undefined ? undefined : { path: bridgeMarkerPath(bridge), owner }),
});

/**
 * Create and update do the same: look, plan, and change what differs. Without `create` there is only something to
 * check.
 */
async function ensure(operation: Operation<BridgeInputs>, claim: Claim): Promise<BridgeOutputs> {
  const { owner } = claim;
  const { bridge, create, vlan } = operation.inputs;
  if (create === undefined) {
    const checks = [expectBridge(bridge), ...(vlan === undefined ? [] : [expectVlanFiltering(bridge)])];
    const answers = await operation.run("use", lines(checks));
    return { owner, machineId: machineIdIn(answers) };
  }
  const answers = await operation.run("make", inspectUplink(bridge, create.uplink));
  const there = markerIn(answers);
  const origin = there?.origin.uplink === create.uplink ? there.origin : newOrigin(operation, create, answers);
  const links = [create.uplink, ...(there === undefined ? [] : [there.origin.uplink])];
  await changeBridge(operation, "make", {
    ...aboutBridge(bridge),
    uplink: create.uplink,
    links: [...new Set(links)],
    files: { restart: new Map(), live: bridgeFiles(bridge, create, origin) },
    marker: { path: bridgeMarkerPath(bridge), text: markerText(claim, { origin }) },
    before: claimBridge(bridge, claim),
  });
  return { owner, machineId: machineIdIn(answers) };
}

function newOrigin(operation: Operation<BridgeInputs>, create: BridgeCreate, answers: readonly Answer[]): Origin {
  const origin = originOf(create.uplink, answers);
  const problem = findBlocker(operation.inputs.bridge, create, origin, answers);
  if (problem !== undefined) throw new HostError({ ...operation.errorContext("make"), ...problem });
  return origin;
}
