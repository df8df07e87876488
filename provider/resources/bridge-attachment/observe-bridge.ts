import { fileDrift } from "../../host/drift";
import type { Answer } from "../../remote";
import { bridgeFiles } from "./bridge-files";
import type { BridgeInputs, BridgeOutputs } from "./bridge-inputs";
import { parseMarker } from "./uplink";

type State = BridgeInputs & BridgeOutputs;

/** A bridge as found in the inventory. Differences from the requested state are its `drift`. */
export function readBridge(state: State, answers: readonly Answer[]): State | "gone" {
  const { bridge, create, owner } = state;
  const found = answers.find(({ key, values }) => key === "bridge" && values[0] === bridge);
  const missing: Record<string, string> = found === undefined ? { bridge: "missing" } : {};
  if (create === undefined) return { ...state, drift: missing };
  const marker = parseMarker(answers.find((a) => a.key === "bridge-marker" && a.values[0] === bridge)?.values[1]);
  if (marker?.owner !== owner) return "gone";
  const ports = (found?.values[1] ?? "").split(" ");
  const pending = answers.some(({ key }) => key === "network-change-pending");
  return {
    ...state,
    drift: {
      ...missing,
      ...(found !== undefined && !ports.includes(create.uplink) && { uplink: `${create.uplink} is not in the bridge` }),
      ...(pending && { network: "a change of the host's network waits for its confirmation" }),
      ...(marker.origin.uplink === create.uplink &&
        fileDrift(bridgeFiles(bridge, create, marker.origin), answers, "bridge-file", bridge)),
    },
  };
}
