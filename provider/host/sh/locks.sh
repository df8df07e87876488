# Shell functions about the single lock for what all networks of a host share: `networks_lock` takes it if this script
# does not have it yet, also inside {@link exclusively}, and `networks_unlock` releases it.

networks_locked=
networks_lock() {
  [ -z "$networks_locked" ] || return 0
  mkdir -p /run/pulumi-nspawn
  exec 8>/run/pulumi-nspawn/networks.lock
  flock -w 100 8 || refuse locked networks
  networks_locked=yes
}
networks_unlock() {
  exec 8>&-
  networks_locked=
}
