# Shell functions about the cache. An entry is `KEY` (a tree) or `KEY.tar`, and counts once `KEY.json`, which is written
# last, is next to it.
#
# - `cache_has KEY DAYS` succeeds if there is an entry that is not older than that; 0 allows any age.
# - `cache_bytes KEY` prints how much space a copy needs.
# - `cache_copy KEY PATH` creates a tree from an entry; `cache_take KEY PATH` turns the entry itself into the tree.
# - `cache_build_bytes VARIANT` prints how much space building an entry needs at least.

cache=/var/lib/machines/.pulumi-cache
# In conditions: it only looks.
cache_has() {
  [ -f "$cache/$1.json" ] && { [ -d "$cache/$1" ] || [ -f "$cache/$1.tar" ]; } || return 1
  # One that is dated ahead was built while the clock was wrong: it would never be too old.
  [ "$2" = 0 ] || [ -z "$(find "$cache/$1.built" \( -mmin +$(($2 * 1440)) -o -newermt '2 days' \) 2>/dev/null)" ]
}

cache_bytes() {
  if [ -f "$cache/$1.tar" ]; then stat -c %s -- "$cache/$1.tar"; else echo $((64 * 1024 * 1024)); fi
}

# As measured, with about a third to spare: the tree, apt's downloads, and a tar of the tree if it is kept as one.
cache_build_bytes() {
  case $1:$(image_backend) in
    minbase:tar) echo $((650 * 1024 * 1024)) ;;
    minbase:*) echo $((400 * 1024 * 1024)) ;;
    *:tar) echo $((1000 * 1024 * 1024)) ;;
    *) echo $((600 * 1024 * 1024)) ;;
  esac
}

cache_take() {
  if image_is_subvolume "$cache/$1"; then btrfs property set -ts "$cache/$1" ro false; fi
  rm -f -- "$cache/$1.json" "$cache/$1.built"
  mv -T -- "$cache/$1" "$2"
}

# A shared lock: a newer entry with the same key waits until nobody copies the old one.
cache_copy() {
  exec 7>>"$cache/$1.lock"
  flock -s -w 300 7 || refuse locked "the base $1"
  cache_has "$1" 0 || refuse base-gone "$1"
  if [ -f "$cache/$1.tar" ]; then
    image_create "$2"
    tar --xattrs --xattrs-include='*' --numeric-owner -C "$2" -xf "$cache/$1.tar"
  elif image_is_subvolume "$cache/$1"; then
    btrfs -q subvolume snapshot "$cache/$1" "$2" >/dev/null
  else cp -a --reflink=auto -- "$cache/$1" "$2"; fi
  touch -- "$cache/$1.json"
  exec 7>&-
}
