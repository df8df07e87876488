import type { RootLook } from "../../host/root-look";
import { bootPackages } from "../../host/roots/base";
import { packagesFor } from "../../host/roots/customise";
import type { Root } from "../../host/roots/generations";
import { distinctPackages, isInstalled, nameOf } from "../../host/roots/package-specs";
import { HostError, type HostErrorParts } from "../../remote";
import type { RootfsInputs, RootfsOutputs, RootfsState } from "./rootfs-inputs";

/**
 * All packages installed for a root in addition to those it boots with: the requested ones, and those its settings
 * need.
 */
export function wantedPackages(inputs: Pick<RootfsInputs, "packages" | "locale" | "timezone">): string[] {
  return distinctPackages([...inputs.packages, ...packagesFor(inputs)]);
}

/**
 * A root that an operation made or changed, as outputs.
 *
 * @throws HostError if what is in the tree cannot be read.
 */
export function toOutputs(
  root: Root,
  machineId: string,
  inputs: RootfsInputs,
  context: Pick<HostErrorParts, "attempted" | "host">,
): RootfsOutputs {
  const { look } = root;
  if (look === undefined) throw new HostError({ ...context, happened: "the host did not report the result" });
  if (look.unreadable !== undefined) {
    const advice = `The machine's own users can put anything there. Look at it, and put it right: sudo ls -l ${root.path}. Then run \`pulumi up\` again.`;
    throw new HostError({ ...context, happened: look.unreadable, advice });
  }
  return outputsOf(root, look, machineId, inputs);
}

function outputsOf(root: Root, look: RootLook, machineId: string, inputs: RootfsInputs): RootfsOutputs {
  const { marker } = root;
  const { packages } = look;
  const { prettyName, versionId, codename } = look.osRelease;
  const installed = wantedPackages(inputs)
    .map(nameOf)
    .flatMap((name) => {
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
 * The state as found on the host. Missing packages, and those of another version, are left out, so that the next `up`
 * adds them. Create-time inputs do not change: a dist-upgrade inside does not make it another suite. A tree that cannot
 * be read is drift, not an error, which would keep the engine from refreshing other resources.
 */
export function observed(state: RootfsState, root: Root, look: RootLook): RootfsState {
  if (look.unreadable !== undefined) return { ...state, drift: { packages: `unknown: ${look.unreadable}` } };
  const outputs = outputsOf(root, look, state.machineId, state);
  const boot = new Set(bootPackages(state.suite));
  const lost = packagesFor(state).filter(
    (name) => !look.packages.has(name) && !state.packages.map(nameOf).includes(name),
  );
  const drift = lost.filter((name) => !boot.has(name));
  return {
    ...state,
    ...outputs,
    packages: state.packages.filter((spec) => isInstalled(spec, look.packages)),
    drift: drift.length > 0 ? { packages: `not installed: ${drift.join(", ")}` } : {},
  };
}
