# Shell functions about the cache. An entry is `KEY` (a tree) or `KEY.tar`, and counts once `KEY.json`, which is written
# last, is next to it.
#
# - `cache_has KEY DAYS` succeeds if there is an entry that is not older than that; 0 allows any age.
# - `cache_bytes KEY` prints how much space a copy needs, `cache_inodes KEY` how many inodes.
# - `cache_room BYTES INODES` refuses with `no-space` or `no-inodes` if less is free where the images are.
# - `cache_copy KEY PATH` creates a tree from an entry; `cache_take KEY PATH` turns the entry itself into the tree.
# - `cache_build_bytes VARIANT` and `cache_build_inodes VARIANT` print what building an entry needs at least.
# - `cache_discard KEY` removes what is unfinished of an entry. Nobody may be building it.
# - `cache_sweep` does so for all entries that nobody builds or uses, as after a power cut, and removes private entries
# that nobody has taken for a day.

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

cache_build_inodes() { case $1 in minbase) echo 9000 ;; *) echo 14000 ;; esac }

# On btrfs there is no limit; a copy elsewhere has as many files as the entry, which notes that when it is built.
cache_inodes() {
  cache_noted=$(cat "$cache/$1.built" 2>/dev/null) || :
  echo "${cache_noted:-0}"
}

# A device's name has no blanks where one can be mounted here, but a directory's may.
cache_room() {
  cache_need=$1 cache_need_inodes=$2
  # shellcheck disable=SC2046 # words
  set -- $(df -B1 --output=avail,itotal,iavail,source,target -- "$images" | tail -n 1)
  cache_free=$1 cache_has_inodes=$2 cache_free_inodes=$3 cache_device=$4
  shift 4
  [ "$cache_free" -ge "$cache_need" ] || refuse no-space "$cache_need" "$cache_free" "$*" "$cache_device"
  # A file system without a limit shows 0 or a dash.
  case $cache_has_inodes in 0 | -) return 0 ;; esac
  [ "$cache_free_inodes" -ge "$cache_need_inodes" ] || refuse no-inodes "$cache_need_inodes" "$cache_free_inodes" "$*" "$cache_device"
}

# In conditions: each failure is returned.
cache_discard() {
  rm -f -- "$cache/$1.tar.new" "$cache/$1.json.new" || return 1
  if [ -e "$cache/.building-$1" ]; then image_remove "$cache/.building-$1" || return 1; fi
  [ ! -e "$cache/$1.json" ] || return 0
  rm -f -- "$cache/$1.tar" "$cache/$1.built" || return 1
  if [ -e "$cache/$1" ]; then image_remove "$cache/$1" || return 1; fi
}

# Each key's locks: the one under which its unit is started (`startUnit`), and its entry's.
# In conditions: it only looks.
cache_idle() {
  lock_open "/run/pulumi-nspawn/pulumi-nspawn-base-$1.lock" 6
  flock -n 6 || return 1
  # Whoever uses an entry has made its lock before; on a full disk there can be no new one.
  if [ -e "$cache/$1.lock" ]; then
    lock_open "$cache/$1.lock" 7
    flock -n 7 || return 1
  fi
  case $(systemctl show -p SubState --value "pulumi-nspawn-base-$1.service") in dead | failed | exited) ;; *) return 1 ;; esac
}
cache_keys() {
  for cache_item in "$cache"/* "$cache"/.building-*; do
    [ -e "$cache_item" ] || continue
    cache_item=${cache_item##*/}
    cache_item=${cache_item#.building-}
    cache_item=${cache_item%.new}
    cache_item=${cache_item%.tar}
    cache_item=${cache_item%.json}
    printf '%s\n' "${cache_item%.built}"
  done | grep -v '\.lock$' | sort -u
}
# In conditions: it only looks.
cache_unfinished() { [ ! -e "$cache/$1.json" ] || [ -e "$cache/.building-$1" ] || [ -e "$cache/$1.tar.new" ] || [ -e "$cache/$1.json.new" ]; }
# In conditions: it only looks.
cache_forgotten() { case $1 in *-*) [ -n "$(find "$cache/$1.json" -mmin +1440 2>/dev/null)" ] ;; *) return 1 ;; esac }
# Whoever waits for one of the locks meanwhile finds no entry, and builds it.
cache_sweep() {
  [ -d "$cache" ] || return 0
  cache_keys | while IFS= read -r cache_key; do
    if ! cache_unfinished "$cache_key" && ! cache_forgotten "$cache_key"; then continue; fi
    (
      cache_idle "$cache_key" || exit 0
      if cache_forgotten "$cache_key"; then rm -f -- "$cache/$cache_key.json"; fi
      cache_discard "$cache_key" || answer warning "$cache/$cache_key is unfinished, and could not be removed"
    ) || :
  done
}

# Under the lock, so that nobody takes it for an unfinished entry meanwhile.
cache_take() {
  lock_open "$cache/$1.lock" 7
  flock -w 300 7 || refuse locked "the base $1"
  if image_is_subvolume "$cache/$1"; then btrfs property set -ts "$cache/$1" ro false; fi
  rm -f -- "$cache/$1.json" "$cache/$1.built"
  mv -T -- "$cache/$1" "$2"
  rm -f -- "$cache/$1.lock"
  exec 7>&-
}

# A shared lock: a newer entry with the same key waits until nobody copies the old one.
cache_copy() {
  lock_open "$cache/$1.lock" 7
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
