#!/bin/sh
# Mounts an image on its own loop device. usage: mount-image.sh IMAGE DIRECTORY [OPTION...]
# `mount -o loop` reuses a device that still has the image, as it does for a moment after a power cut; if that device is
# released meanwhile, it may belong to another image by the time it is mounted.
set -eu
image=$1 directory=$2
shift 2
while [ -n "$(losetup --associated "$image")" ]; do sleep 0.02; done
device=$(losetup --find --show "$image")
status=0
mount "$@" "$device" "$directory" || status=$?
# While the image is mounted, this only makes the device disappear with its last user.
losetup --detach "$device"
exit "$status"
