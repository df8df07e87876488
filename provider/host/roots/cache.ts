import { type Script, sh } from "../../remote";
import type { ResolvedBase } from "./base";
import { IMAGES } from "./images";

/** Bases that were built once, on the file system of the images, so that snapshots and reflinks work. */
export const CACHE = `${IMAGES}/.pulumi-cache`;

/** A base that no root was made from for so long goes when another one is stored. */
const UNUSED_DAYS = 30;
const LOCK_SECONDS = 300;

/**
 * Shell functions about the cache. An entry is `KEY` (a tree) or `KEY.tar`, and it counts once `KEY.json` stands beside it,
 * which is written last.
 *
 * - `cache_has KEY DAYS` tells whether there is an entry that is not older than that; 0 is any age.
 * - `cache_bytes KEY` prints how much room a copy needs.
 * - `cache_copy KEY PATH` makes a tree from an entry; `cache_take KEY PATH` makes the entry itself the tree.
 * - `cache_build_bytes VARIANT` prints how much room building an entry needs, at least.
 */
export const cacheFunctions: Script = sh`
cache=${CACHE}
cache_has() {
  [ -f "$cache/$1.json" ] && { [ -d "$cache/$1" ] || [ -f "$cache/$1.tar" ]; } || return 1
  [ "$2" = 0 ] || [ -z "$(find "$cache/$1.built" -mmin +$(($2 * 1440)) 2>/dev/null)" ]
}

cache_bytes() {
  if [ -f "$cache/$1.tar" ]; then stat -c %s -- "$cache/$1.tar"; else echo $((64 * 1024 * 1024)); fi
}

# As measured, with about a third to spare: the tree, what apt downloads, and a tar of the tree where that is how it is kept.
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

# A shared lock: a newer entry of the same key waits until nobody copies the old one.
cache_copy() {
  exec 7>>"$cache/$1.lock"
  flock -s -w ${LOCK_SECONDS} 7 || refuse locked "the base $1"
  cache_has "$1" 0 || refuse base-gone "$1"
  if [ -f "$cache/$1.tar" ]; then
    image_create "$2"
    tar --xattrs --xattrs-include='*' --numeric-owner -C "$2" -xf "$cache/$1.tar"
  elif image_is_subvolume "$cache/$1"; then btrfs -q subvolume snapshot "$cache/$1" "$2" >/dev/null
  else cp -a --reflink=auto -- "$cache/$1" "$2"; fi
  touch -- "$cache/$1.json"
  exec 7>&-
}
`;

/**
 * Puts a tree that was built into the cache, in the shape that the file system copies best, and drops what nobody uses.
 * A private entry stays a tree, since it is going to be taken, not copied.
 */
export function publish(base: ResolvedBase, key: string, path: string): Script {
  const entry = `${CACHE}/${key}`;
  const about = JSON.stringify({
    key,
    suite: base.suite,
    arch: base.arch,
    variant: base.variant,
    packages: base.packages,
    sources: base.sources,
    builder: base.builder,
  });
  return sh`
cache_backend=${key === base.key ? sh`$(image_backend)` : sh`private`}
if [ "$cache_backend" = tar ]; then
  tar --xattrs --xattrs-include='*' --numeric-owner -C ${path} -cf ${`${entry}.tar.new`} .
  sync ${`${entry}.tar.new`}
else
  sync -f ${path}
fi
exec 7>>${`${entry}.lock`}
flock -w ${LOCK_SECONDS} 7
rm -f -- ${[`${entry}.json`, `${entry}.tar`]}
if [ -e ${entry} ]; then image_remove ${entry}; fi
case $cache_backend in
  tar) mv -f -- ${`${entry}.tar.new`} ${`${entry}.tar`}; image_remove ${path} ;;
  btrfs) mv -T -- ${path} ${entry}; btrfs property set -ts ${entry} ro true ;;
  *) mv -T -- ${path} ${entry} ;;
esac
touch -- ${`${entry}.built`}
printf '%s\n' ${about} >${`${entry}.json.new`}
mv -f -- ${`${entry}.json.new`} ${`${entry}.json`}
exec 7>&-
find ${CACHE} -maxdepth 1 -name '*.json' -mtime ${`+${UNUSED_DAYS}`} | while IFS= read -r cache_old; do
  cache_old=\${cache_old%.json}
  (
    exec 7>>"$cache_old.lock"
    flock -n 7 && [ -n "$(find "$cache_old.json" -mtime ${`+${UNUSED_DAYS}`} 2>/dev/null)" ] || exit 0
    rm -f -- "$cache_old.json" "$cache_old.tar" "$cache_old.built"
    if [ -d "$cache_old" ]; then image_remove "$cache_old"; fi
  )
done
`;
}
