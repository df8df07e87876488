import { onHost } from "./fault";

/** Uses up what root may use too. */
const FILL = `
for directory in /var/lib/machines /var; do
  mkdir -p $directory/.fault
  for size in 1G 128M 16M 1M 64k 4k; do
    piece=0
    while fallocate -l $size $directory/.fault/$size-$piece 2>/dev/null; do piece=$((piece + 1)); done
    rm -f $directory/.fault/$size-$piece
  done
done`;

const USE_UP = `
for directory in /var/lib/machines /var; do
  mkdir -p $directory/.fault
  seq -f "$directory/.fault/%.0f" $(($(df --output=iavail $directory | tail -n 1) - 1)) | xargs touch 2>/dev/null || :
done`;

const FREE = "rm -rf /var/lib/machines/.fault /var/.fault";

export const diskFull = onHost({ name: "disk-full", title: "the host's disks are full" }, () => FILL, FREE);

export const inodesFull = onHost(
  { name: "inodes-full", title: "the host's disks take no more files" },
  () => USE_UP,
  FREE,
);

export const readOnly = onHost(
  { name: "etc-read-only", title: "`/etc` is read-only" },
  () => "mount --bind /etc /etc && mount -o remount,bind,ro /etc",
  "umount -l /etc",
);
