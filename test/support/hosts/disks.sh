#!/bin/sh
# Makes the disks of a new host. usage: disks.sh     Settings: DIRECTORY BASE FILESYSTEM IMAGE_SIZE BYTES_PER_INODE
# DIRECTORY/seed holds the files of this host, DIRECTORY/authorized_keys the keys that may log in.
set -eu
mount_image=$(dirname "$0")/mount-image.sh
cd "$DIRECTORY"

make_ext4() {
  mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -i "$BYTES_PER_INODE" "$1" "$2"
}

make_btrfs() {
  truncate --size="$2" "$1"
  mkfs.btrfs --quiet "$1"
}

# Each host has its own file systems: creating files on one that just lost a big tree can be ten times slower.
make_ext4 disk.img 8G
"make_$FILESYSTEM" machines.img "$IMAGE_SIZE"

mkdir disk
sh "$mount_image" disk.img disk -o noatime
mkdir disk/upper disk/work
cp -a "$BASE/root/home" "$BASE/root/srv" "$BASE/root/var" disk/
cp -a --no-preserve=ownership seed/. disk/upper/
install -d -m 700 disk/upper/root/.ssh
install -m 600 authorized_keys disk/upper/root/.ssh/authorized_keys
for user in ops:1001 careful:1002 nosudo:1003; do
  home=disk/home/${user%:*}
  uid=${user#*:}
  install -d -o "$uid" -g "$uid" -m 700 "$home/.ssh"
  install -o "$uid" -g "$uid" -m 600 authorized_keys "$home/.ssh/authorized_keys"
done
umount disk
# As on a server whose /var/lib/machines is a plain directory.
sh "$mount_image" machines.img disk
rmdir disk/lost+found 2>/dev/null || true
chmod 700 disk
umount disk
rm -rf seed authorized_keys
