import {
  bridgeManifestPath,
  bridgeMarkerPath,
  claimBridge,
  expectUnused,
  inspectUplink,
} from "../../host/networks/bridges";
import { changeNetwork, type NetworkChange } from "../../host/networks/change";
import { randomId } from "../../host/ownership";
import { type Answer, lines } from "../../remote";
import type { Operation } from "../operation";
import { netdevPath, networkPath } from "./bridge-files";
import { type BridgeMarker, parseMarker } from "./uplink";

/** A bridge that a resource made. */
interface OwnBridge {
  readonly bridge: string;
  readonly owner: string;
  readonly uplink: string;
}

/** Restores the uplink's old configuration in the same safe way. Does nothing if the bridge is gone or is another's. */
export async function removeBridge<Inputs>(
  { bridge, owner, uplink: wanted }: OwnBridge,
  operation: Operation<Inputs>,
): Promise<void> {
  const there = markerIn(await operation.run("remove", inspectUplink(bridge, wanted)));
  if (there?.owner !== owner) return;
  const { uplink } = there.origin;
  await changeBridge(operation, "remove", {
    ...aboutBridge(bridge),
    uplink: undefined,
    links: [uplink],
    files: { restart: new Map(), live: new Map() },
    marker: { path: bridgeMarkerPath(bridge), text: undefined },
    before: lines([claimBridge(bridge, operation.claimOf(owner, { fresh: false })), expectUnused(bridge, uplink)]),
  });
}

export function aboutBridge(bridge: string): Pick<NetworkChange, "bridge" | "netdev" | "network" | "manifest"> {
  return { bridge, netdev: netdevPath(bridge), network: networkPath(bridge), manifest: bridgeManifestPath(bridge) };
}

export function markerIn(answers: readonly Answer[]): BridgeMarker | undefined {
  return parseMarker(answers.find(({ key }) => key === "marker")?.values[1]);
}

export async function changeBridge<Inputs>(
  operation: Operation<Inputs>,
  verb: string,
  wanted: Omit<NetworkChange, "token" | "gatewayHasToAnswer">,
): Promise<void> {
  const options = {
    attempt: operation.errorContext(verb).attempted,
    identify: operation.identify,
    timeoutSeconds: operation.seconds(),
    onAnswer: operation.report,
  };
  await operation.explaining((target) => {
    const gatewayHasToAnswer = target.connection.host === "local";
    return changeNetwork(target, { ...wanted, token: randomId(), gatewayHasToAnswer }, options);
  });
}
