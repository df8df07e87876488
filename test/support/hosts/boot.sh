#!/bin/sh
# Boots one host, and boots it again when it asks for a reboot. Whatever the host holds (network namespace, mounts, loop
# devices, links) lives in its own namespaces, so the kernel removes it all with the host's last process.
# usage: boot.sh     Settings: NAME DIRECTORY BASE CGROUP VETH MAC ADDRESS GATEWAY BRIDGE
set -eu

# If hosts shared a cgroup, two of them could not have machines of the same name.
mkdir -p "$CGROUP/launcher" "$CGROUP/machine"
echo 0 >"$CGROUP/launcher/cgroup.procs"
# If the outer machine has controllers on the unified hierarchy, the limits of nested machines are enforced too.
for group in "$CGROUP/../.." "$CGROUP/.." "$CGROUP"; do
  tr ' ' '\n' <"$group/cgroup.controllers" | while read -r controller; do
    echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null || true
  done
done

export LAUNCHER=$$
while :; do
  # A process that was inside the host at its end may still be exiting.
  until find "$CGROUP/machine" -mindepth 1 -depth -type d -exec rmdir {} +; do sleep 0.02; done
  [ -z "${MEASURE_FILE-}" ] || echo 'boot 1' >>"$MEASURE_FILE"
  status=0
  unshare --net --mount --propagation slave sh "$(dirname "$0")/machine.sh" || status=$?
  # systemd-nspawn --keep-unit passes on a reboot with this status.
  [ "$status" = 133 ] || exit "$status"
done
