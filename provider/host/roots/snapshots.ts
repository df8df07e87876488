import { lines, type Script } from "../../remote";
import { sh } from "../sh";

const DIGITS = "[0-9a-f]".repeat(16);

/**
 * Removes the copies of a root that killed ephemeral machines left behind, and their locks: systemd-nspawn does not,
 * and the next boot of the host, when systemd-tmpfiles does, may be far away.
 *
 * A copy is named after its root, not its machine, plus 16 digits (tempfn_random() of systemd; `.#snapshot.` in newer
 * versions). systemd-nspawn takes the lock of such a name before it makes the copy, so an unlocked copy is unused,
 * unless a process outlived its systemd-nspawn.
 */
export function sweepSnapshots(rootName: string): Script {
  return lines([
    sh`
snapshot_digits=${DIGITS}
# In conditions: it only looks.
snapshot_in_use() {
  [ -L "$1" ] || image_is_locked "$1" || [ -n "$(image_mounts "$1")" ] ||
    stat -L -c %d:%i /proc/[0-9]*/root 2>/dev/null | grep -qxF "$(stat -c %d:%i -- "$1")"
}
for snapshot in "$images/.#machine."${rootName}$snapshot_digits "$images/.#snapshot."${rootName}$snapshot_digits; do
  if [ -d "$snapshot" ] && ! snapshot_in_use "$snapshot"; then
    image_remove "$snapshot" || answer warning "$snapshot was left by a machine that was killed, and could not be removed"
  fi
done
for snapshot_lock in "$images/.#.#machine."${rootName}$snapshot_digits.lck "$images/.#.#snapshot."${rootName}$snapshot_digits.lck; do
  snapshot=$images/\${snapshot_lock#"$images/.#"}
  if [ -f "$snapshot_lock" ] && [ ! -e "\${snapshot%.lck}" ] && ! image_lock_is_held "$snapshot_lock"; then rm -f -- "$snapshot_lock"; fi
done
`,
  ]);
}
