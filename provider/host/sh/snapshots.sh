# The shell function `snapshots_sweep ROOT` removes the copies of a root that killed ephemeral machines left behind, and
# their locks. Both end with 16 digits.

snapshot_digits='[0-9a-f][0-9a-f][0-9a-f][0-9a-f]'
snapshot_digits=$snapshot_digits$snapshot_digits$snapshot_digits$snapshot_digits
# What cannot be looked at counts as in use.
# In conditions: it only looks.
snapshot_in_use() {
  snapshot_id=$(stat -c %d:%i -- "$1") || return 0
  snapshot_mounted=$(image_mounts "$1") || return 0
  [ -L "$1" ] || image_is_locked "$1" || [ -n "$snapshot_mounted" ] \
    || stat -L -c %d:%i /proc/[0-9]*/root 2>/dev/null | grep -qxF "$snapshot_id"
}
snapshots_sweep() {
  for snapshot in "$images/.#machine.$1"$snapshot_digits "$images/.#snapshot.$1"$snapshot_digits; do
    if [ -d "$snapshot" ] && ! snapshot_in_use "$snapshot"; then
      image_remove "$snapshot" || answer warning "$snapshot was left by a machine that was killed, and could not be removed"
    fi
  done
  for snapshot_lock in "$images/.#.#machine.$1"$snapshot_digits.lck "$images/.#.#snapshot.$1"$snapshot_digits.lck; do
    snapshot=$images/${snapshot_lock#"$images/.#"}
    if [ -f "$snapshot_lock" ] && [ ! -e "${snapshot%.lck}" ] && ! image_lock_is_held "$snapshot_lock"; then rm -f -- "$snapshot_lock"; fi
  done
}
