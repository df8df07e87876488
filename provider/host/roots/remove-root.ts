import { lines, type Script } from "../../remote";
import { exclusively } from "../exclusion";
import { sh } from "../sh";
import { rootLock } from "./generations";

/** One generation of a root, and its owner. */
export interface RootKey {
  readonly name: string;
  readonly generation: string;
  readonly owner: string;
}

/** A machine of the root may start meanwhile. */
const LOCK_SECONDS = 240;

/**
 * Removes one generation's tree and marker. Does nothing if the host has no such generation or another owner's. If it
 * held the name, the newest waiting generation takes it.
 *
 * Refuses with `in-use` and the unit, `image-busy`, `image-mounted`, `image-symlink`.
 */
export function removeRoot(root: RootKey): Script {
  return lines([
    sh`set -e`,
    sh`
root_name=${root.name}; root_generation=${root.generation}
root_file=$roots/$root_name@$root_generation.json
root_aside=$images/.#rm-$root_name-$root_generation
`,
    exclusively(
      rootLock(root.name),
      LOCK_SECONDS,
      sh`
if [ -e "$root_file" ] && [ "$(marker_field "$root_file" owner)" = ${root.owner} ]; then root_remove; fi
`,
    ),
  ]);
}
