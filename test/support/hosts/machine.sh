#!/bin/sh
# Becomes the host: runs in new network and mount namespaces, started by boot.sh with its settings and LAUNCHER.
set -eu
echo 0 >"$CGROUP/machine/cgroup.procs"

# systemd requires the unified hierarchy from 258 on; sysfs shows the network namespace in which it was mounted.
umount --recursive --lazy /sys
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# systemd-nspawn leaves mounts here when it is killed, which would block the next start of the same name.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn

# A new network namespace has the outer machine's setting; a fresh Debian does not forward.
echo 0 >/proc/sys/net/ipv4/ip_forward
# After a reboot the kernel may not yet have removed the link of the former namespace.
while nsenter --net --target "$LAUNCHER" ip link show "$VETH" >/dev/null 2>&1; do
  nsenter --net --target "$LAUNCHER" ip link delete "$VETH" 2>/dev/null || sleep 0.02
done
ip link add eth0 address "$MAC" type veth peer name "$VETH" netns "$LAUNCHER"
nsenter --net --target "$LAUNCHER" ip link set "$VETH" master "$BRIDGE" up
ip link set lo up
ip address add "$ADDRESS/24" dev eth0
ip link set eth0 up
ip route add default via "$GATEWAY"

disk=$DIRECTORY/disk
root=$DIRECTORY/root
mkdir -p "$disk" "$root"
sh "$(dirname "$0")/mount-image.sh" "$DIRECTORY/disk.img" "$disk" -o noatime
mount -t overlay -o "lowerdir=$BASE/root,upperdir=$disk/upper,workdir=$disk/work" overlay "$root"
# overlayfs does not support idmapped mounts, and bind mounts for machines come from these.
for path in home srv var; do
  mount --bind "$disk/$path" "$root/$path"
done
sh "$(dirname "$0")/mount-image.sh" "$DIRECTORY/machines.img" "$root/var/lib/machines" -o noatime

# The resource limits of PID 1 on Debian, whatever the outer machine's has; and bpf(2), which no server withholds from
# its systemd: systemd restricts the devices of units with it.
exec env -i "PATH=$PATH" LANG=C.UTF-8 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 \
  systemd-nspawn --quiet --directory="$root" --machine="$NAME" --boot --register=no --keep-unit --capability=all \
  --private-users=no --resolv-conf=off --timezone=off --link-journal=no --system-call-filter="bpf @keyring" \
  --rlimit=NOFILE=1024:524288 --console=pipe </dev/null
