import type { Script } from "../../remote";
import { sh } from "../sh";

/**
 * Removes the copies of a root that killed ephemeral machines left behind, and their locks: systemd-nspawn does not,
 * and the next boot of the host, when systemd-tmpfiles does, may be far away.
 *
 * A copy is named after its root, not its machine, plus 16 digits (tempfn_random() of systemd; `.#snapshot.` in newer
 * versions). systemd-nspawn takes the lock of such a name before it makes the copy, so an unlocked copy is unused,
 * unless a process outlived its systemd-nspawn.
 */
export function sweepSnapshots(rootName: string): Script {
  return sh`snapshots_sweep ${rootName}`;
}
