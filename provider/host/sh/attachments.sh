# Everything that machines do with the networks of their host.

# Refuses if the host does not have the network as the machine knows it: NETWORK SUBNET.
attachment_expect() {
  systemctl -q is-active systemd-networkd.service || refuse no-networkd
  [ -e /var/lib/pulumi-nspawn/networks/"$1".json ] || refuse no-network "$1"
  attachment_subnet=$(marker_field /var/lib/pulumi-nspawn/networks/"$1".json subnet)
  [ "$attachment_subnet" = "$2" ] || refuse other-subnet "$1" "$attachment_subnet" "$2"
}
