#!/bin/sh
# Mounts an image by a loop device of its own. usage: mount-image.sh IMAGE DIRECTORY [OPTION...]
# `mount -o loop` takes a device that has the image already, as after a power cut for a moment; when that goes meanwhile, the device may
# be another image's by the time it is mounted.
set -eu
image=$1 directory=$2
shift 2
while [ -n "$(losetup --associated "$image")" ]; do sleep 0.02; done
device=$(losetup --find --show "$image")
status=0
mount "$@" "$device" "$directory" || status=$?
# While it is mounted this only has it go with its last user.
losetup --detach "$device"
exit "$status"
