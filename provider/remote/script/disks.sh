# The shell function `disks_list` prints each file system that scripts write to once: how many bytes are free in it, how
# many inodes it has and how many of them are free, its type, its device, and where it is mounted.

# In conditions: it only looks.
disks_list() {
  for disk_path in /var/lib/machines /var/lib/pulumi-nspawn /var /etc /run /tmp; do
    [ ! -d "$disk_path" ] || df -B1 --output=avail,itotal,iavail,fstype,source,target -- "$disk_path" | tail -n 1
  done 2>/dev/null | sort -u
}
