import { bootPackages } from "../../host/roots/base";
import { packagesFor } from "../../host/roots/customise";
import type { Root } from "../../host/roots/generations";
import type { RootfsInputs, RootfsOutputs, RootfsState } from "./rootfs-inputs";

/**
 * All packages installed for a root in addition to those it boots with: the requested ones, and those its settings
 * need.
 */
export function wantedPackages(inputs: Pick<RootfsInputs, "packages" | "locale" | "timezone">): string[] {
  return [...new Set([...inputs.packages, ...packagesFor(inputs)])].sort();
}

/** A root as found on its host, as outputs. */
export function toOutputs(root: Root, machineId: string, inputs: RootfsInputs): RootfsOutputs {
  const { marker, packages } = root;
  const { prettyName, versionId, codename } = root.osRelease;
  const installed = wantedPackages(inputs).flatMap((name) => {
    const version = packages.get(name);
    return version === undefined ? [] : [[name, version]];
  });
  return {
    generation: root.generation,
    owner: marker.owner,
    machineId,
    architecture: marker.architecture,
    builtWith: marker.builtWith,
    cacheKey: marker.cacheKey,
    osRelease: { prettyName, versionId, codename },
    installedPackages: Object.fromEntries(installed),
  };
}

/**
 * The state as found on the host. Missing packages are left out, so that the next `up` adds them. Create-time inputs do
 * not change: a dist-upgrade inside does not make it another suite.
 */
export function observed(state: RootfsState, root: Root): RootfsState {
  const outputs = toOutputs(root, state.machineId, state);
  const boot = new Set(bootPackages(state.suite));
  const lost = wantedPackages(state).filter((name) => !root.packages.has(name) && !state.packages.includes(name));
  const drift = lost.filter((name) => !boot.has(name));
  return {
    ...state,
    ...outputs,
    packages: state.packages.filter((name) => root.packages.has(name)),
    drift: drift.length > 0 ? { packages: `not installed: ${drift.join(", ")}` } : {},
  };
}
