import type { Script } from "../../remote";
import { sh } from "../sh";
import type { ResolvedBase } from "./base";
import { IMAGES } from "./images";

/** Bases that have been built, on the file system of the images, so that snapshots and reflinks work. */
export const CACHE = `${IMAGES}/.pulumi-cache`;

/** How the names of the units begin that build bases; what follows is the key. */
export const BASE_UNIT = "pulumi-nspawn-base-";

/** A base that no root was created from for this long is removed when another one is stored. */
const UNUSED_DAYS = 30;
const LOCK_SECONDS = 300;

/**
 * Puts a built tree into the cache, in the form that the file system copies best, and removes unused entries. A private
 * entry stays a tree, because it will be taken, not copied.
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
cache_nodes=$(du --inodes -s -- ${path} | cut -f 1)
if [ "$cache_backend" = tar ]; then
  tar --xattrs --xattrs-include='*' --numeric-owner -C ${path} -cf ${`${entry}.tar.new`} .
  sync ${`${entry}.tar.new`}
else
  sync -f ${path}
fi
lock_open ${`${entry}.lock`} 7
flock -w ${LOCK_SECONDS} 7
rm -f -- ${[`${entry}.json`, `${entry}.tar`]}
if [ -e ${entry} ]; then image_remove ${entry}; fi
case $cache_backend in
  tar) mv -f -- ${`${entry}.tar.new`} ${`${entry}.tar`}; image_remove ${path} ;;
  btrfs) mv -T -- ${path} ${entry}; btrfs property set -ts ${entry} ro true ;;
  *) mv -T -- ${path} ${entry} ;;
esac
file_save ${`${entry}.built`} "$cache_nodes
"
file_present ${`${entry}.json`} ${`${about}\n`} any || :
exec 7>&-
find ${CACHE} -maxdepth 1 -name '*.json' -mtime ${`+${UNUSED_DAYS}`} | while IFS= read -r cache_old; do
  cache_old=\${cache_old%.json}
  (
    lock_open "$cache_old.lock" 7
    flock -n 7 && [ -n "$(find "$cache_old.json" -mtime ${`+${UNUSED_DAYS}`} 2>/dev/null)" ] || exit 0
    rm -f -- "$cache_old.json" "$cache_old.tar" "$cache_old.built"
    if [ -d "$cache_old" ]; then image_remove "$cache_old"; fi
  )
done
`;
}
