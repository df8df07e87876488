import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { aboutClaim, type Claim, STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";
import { rootLock } from "./generations";

/** One generation of a root, and its owner. */
export interface RootKey {
  readonly name: string;
  readonly generation: string;
  readonly claim: Claim;
}

/** Where a generation's claim is. */
export function markerPath({ name, generation }: Pick<RootKey, "name" | "generation">): string {
  return `${STATE_DIRECTORY}/rootfs/${name}@${generation}.json`;
}

/** A machine of the root may start meanwhile. */
const LOCK_SECONDS = 240;

/**
 * Removes one generation's tree and marker. Does nothing if the host has no such generation or another owner's. If it
 * held the name, the newest waiting generation that the state knows takes it.
 *
 * Refuses with `in-use` and the unit, `image-busy`, `image-mounted`, `image-symlink`.
 */
export function removeRoot(root: RootKey): Script {
  return lines([
    sh`set -e`,
    aboutClaim(root.claim),
    sh`
root_name=${root.name}; root_generation=${root.generation}
root_file=${markerPath(root)}
root_aside=$images/.#rm-$root_name-$root_generation
`,
    exclusively(
      rootLock(root.name),
      LOCK_SECONDS,
      sh`
if marker_is "$root_file" owner "$claim_owner"; then root_remove; fi
`,
    ),
  ]);
}
