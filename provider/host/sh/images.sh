# Shell functions for trees in the image directory: identifying them, copying them the cheapest way, removing them
# safely.
#
# - `image_identity PATH` prints an identity for the tree, which survives renames; a copy has a different one.
# - `image_backend` prints how trees are copied: `btrfs` (snapshots), `reflink`, or `tar`.
# - `image_create PATH` creates an empty tree, a subvolume on btrfs.
# - `image_guard PATH` refuses what must not be removed: a symlink, a mount point, a tree with mounts or in use.
# - `image_remove PATH` removes a tree that `image_guard` has checked.

images=/var/lib/machines
# In conditions: it only looks.
image_is_subvolume() { [ "$(stat -c %i -- "$1")" = 256 ] && [ "$(stat -f -c %T -- "$1")" = btrfs ]; }

# Every subvolume has inode 256, and a snapshot inherits its birth time, so the subvolume's ID distinguishes them.
image_identity() {
  image_id=$(stat -c '%i:%W' -- "$1") || return
  if [ -z "${image_id##256:*}" ] && image_is_subvolume "$1"; then image_id="subvolume:$(btrfs inspect-internal rootid "$1")"; fi
  printf '%s\n' "$image_id"
}

image_backend() {
  if [ "$(stat -f -c %T "$images")" = btrfs ] && command -v btrfs >/dev/null; then
    echo btrfs
    return
  fi
  image_probe=$images/.pulumi-probe.$$
  echo probe >"$image_probe"
  if cp --reflink=always -- "$image_probe" "$image_probe.copy" 2>/dev/null; then echo reflink; else echo tar; fi
  rm -f -- "$image_probe" "$image_probe.copy"
}

image_create() {
  if [ "$(stat -f -c %T "$images")" = btrfs ] && command -v btrfs >/dev/null; then
    btrfs -q subvolume create "$1" >/dev/null
  else mkdir -m 0755 -- "$1"; fi
}

# In conditions: it only looks.
image_mounts() {
  image_listed=$(realpath -- "$1")
  image_listed=$(mountinfo_path "$image_listed")
  image_listed=$image_listed awk '$5 == ENVIRON["image_listed"] || index($5, ENVIRON["image_listed"] "/") == 1 { print $5 }' /proc/self/mountinfo
}

# systemd-nspawn holds these locks as long as it uses a tree (lock-util.c, image_path_lock). They are open file
# description locks, which flock(1) neither sees nor respects, but the kernel lists them. The list names the file system's
# device, which on btrfs is not the one that stat(2) returns.
# In conditions: it only looks.
image_lock_is_held() {
  image_device=$(findmnt -n -o MAJ:MIN -T "$1")
  image_key=$(printf '%02x:%02x:%s' "${image_device%:*}" "${image_device#*:}" "$(stat -c %i -- "$1")")
  grep -q " $image_key " /proc/locks
}
# In conditions: it only looks.
image_is_locked() {
  for image_lock in "$(dirname -- "$1")/.#$(basename -- "$1").lck" "/run/systemd/nspawn/locks/inode-$(stat -c '%d:%i' -- "$1")"; do
    if [ -e "$image_lock" ] && image_lock_is_held "$image_lock"; then return 0; fi
  done
  return 1
}

image_guard() {
  [ ! -L "$1" ] || refuse image-symlink "$1" "$(readlink -- "$1")"
  image_found=$(image_mounts "$1")
  [ -z "$image_found" ] || refuse image-mounted "$1" "$image_found"
  ! image_is_locked "$1" || refuse image-busy "$1"
}

# A guest without private users may have set the immutable flag, and systemd-tmpfiles inside creates its own subvolumes.
# In conditions: each failure is returned.
image_remove() {
  if [ "$(stat -f -c %T -- "$1")" = btrfs ] && command -v btrfs >/dev/null; then
    find "$1" -depth -type d -inum 256 -exec btrfs property set -ts {} ro false \; -exec btrfs -q subvolume delete {} \; >/dev/null
  fi
  [ -e "$1" ] || return 0
  rm -rf --one-file-system --preserve-root=all -- "$1" 2>/dev/null || {
    chattr -R -f -i -a "$1" || :
    rm -rf --one-file-system --preserve-root=all -- "$1"
  }
}
