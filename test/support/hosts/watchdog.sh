#!/bin/sh
# Removes the hosts of a process that has ended, however it ended: its end of the pipe on our stdin closes with it.
# usage: watchdog.sh OWNER     Settings: LOCK and those of teardown.sh
set -eu
cat >/dev/null
exec 9>"$LOCK"
flock 9
owner=$1
set --
for directory in "$STATE"/hosts/*/; do
  [ "$(cat "$directory/owner" 2>/dev/null)" = "$owner" ] && set -- "$@" "$(basename "$directory")"
done
[ $# -eq 0 ] || sh "$(dirname "$0")/teardown.sh" "$@"
