#!/bin/sh
# Ends hosts and removes everything that is left of them; with the last one, also what hosts share. Must run under the
# lock.
# usage: teardown.sh NAME…     Settings: STATE CGROUPS and those of outer.sh
set -eu
here=$(dirname "$0")

sh "$here/end.sh" "$@"
for name in "$@"; do
  rm -rf "$STATE/hosts/$name" "$STATE/hosts/.#$name.lck"
done

rmdir "$STATE/hosts" 2>/dev/null || exit 0
sh "$here/outer.sh" down
rmdir "$CGROUPS" 2>/dev/null || true
rm -rf "$STATE"
