# Shell functions about locks (flock(1)). Whoever can open a file can lock it, so only root can reach these.
#
# - `lock_open PATH DESCRIPTOR` opens a lock's file, which is empty, and makes the directory of the host's locks as it is to
# be. Earlier versions left that open to everyone.
# - `networks_lock` takes the single lock for what all networks of a host share, if this script does not have it yet, also
# inside {@link exclusively}, and `networks_unlock` releases it.

networks_locked=
# In conditions: each failure ends the script.
lock_open() {
  install -d -m 0700 /run/pulumi-nspawn || exit 1
  umask 077
  eval "exec $2>>\"\$1\"" || exit 1
  umask 022
}
networks_lock() {
  [ -z "$networks_locked" ] || return 0
  lock_open /run/pulumi-nspawn/networks.lock 8
  flock -w 100 8 || refuse locked networks
  networks_locked=yes
}
networks_unlock() {
  exec 8>&-
  networks_locked=
}
