#!/bin/sh
# Ends hosts like a power cut, and waits until the kernel has removed what they held. usage: end.sh NAME…
# Settings: STATE CGROUPS
set -eu

rounds=0

# wait_for WHAT CONDITION…: waits until CONDITION holds
wait_for() {
  what=$1
  shift
  rounds=0
  until "$@"; do
    rounds=$((rounds + 1))
    [ "$rounds" -lt 1500 ] || { echo "still there after 30 s: $what" >&2; exit 1; }
    sleep 0.02
  done
}

kill_all_in() {
  [ ! -e "$1/cgroup.kill" ] || echo 1 >"$1/cgroup.kill"
}

# From the inside out, so that each process is reaped by the one that started it and none is left to the outer PID 1.
# Ending only systemd-nspawn is not enough: the host's PID 1 outlives it, with mounts and loop devices in use.
no_process() {
  grep -q 'populated 1' "$CGROUPS/$1/cgroup.events" 2>/dev/null || return 0
  if [ -d "$CGROUPS/$1/machine/payload" ] && [ "$rounds" -lt 50 ]; then
    kill_all_in "$CGROUPS/$1/machine/payload"
  else
    kill_all_in "$CGROUPS/$1"
  fi
  return 1
}

no_loop_device() {
  [ -z "$(losetup --associated "$1")" ]
}

no_link() {
  ! ip link show "$1" >/dev/null 2>&1 || { ip link delete "$1" 2>/dev/null && false; }
}

# Kill all of them before the first wait.
for name in "$@"; do
  no_process "$name" || true
done
for name in "$@"; do
  wait_for "a process of $name" no_process "$name"
  [ -z "${MEASURE_FILE-}" ] || sed -n 's/^usage_usec /host-us /p' "$CGROUPS/$name/cpu.stat" >>"$MEASURE_FILE" 2>/dev/null || true
  [ ! -d "$CGROUPS/$name" ] || find "$CGROUPS/$name" -depth -type d -exec rmdir {} +
  # Links, mounts and loop devices disappear shortly after the last process of their namespaces.
  link=$(cat "$STATE/hosts/$name/link" 2>/dev/null || true)
  [ -z "$link" ] || wait_for "the link $link of $name" no_link "$link"
  for image in disk.img machines.img; do
    wait_for "the loop device of $name/$image" no_loop_device "$STATE/hosts/$name/$image"
  done
done
