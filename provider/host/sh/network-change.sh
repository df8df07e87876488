# Changes the links of the host itself. The script sets `network_bridge`, `network_uplink` (empty if the bridge is
# removed), `network_links` (every interface except the bridge whose settings change), and the paths `network_netdev`
# and `network_settings` of the bridge's files.
#
# - `network_settle` makes networkd apply the files as they are now, for a change and for its rollback alike.
# - `network_in_order` checks whether the links are as the files want them; if not, `network_why` says why.

# In conditions: it only looks.
network_master() { basename "$(readlink "/sys/class/net/$1/master" 2>/dev/null)" 2>/dev/null || :; }
network_file_of() { networkctl --json=short status "$1" 2>/dev/null | json_field NetworkFile; }
network_settle() {
  # networkd leaves what it is configured to keep, and what others created. This happens before networkd works on the
  # links, not meanwhile. Link-local addresses stay, because they would not come back.
  for network_link in $network_links "$network_bridge"; do
    [ -e "/sys/class/net/$network_link" ] || continue
    ip address flush dev "$network_link" scope global
    ip -4 route flush dev "$network_link"
  done
  [ -e "$network_netdev" ] || ip link delete dev "$network_bridge" 2>/dev/null || :
  networkd_settle
  if [ -e "$network_netdev" ]; then
    network_tick=0
    until [ -d "/sys/class/net/$network_bridge/bridge" ] || [ "$network_tick" -ge 50 ]; do
      sleep 0.1
      network_tick=$((network_tick + 1))
    done
    # networkd only sets these when it creates the bridge.
    network_mac=$(sed -n 's/^MACAddress=//p' "$network_netdev")
    [ "$(cat "/sys/class/net/$network_bridge/address")" = "$network_mac" ] || ip link set dev "$network_bridge" address "$network_mac"
    network_filtering=0
    ! grep -qx VLANFiltering=yes "$network_netdev" || network_filtering=1
    [ "$(cat "/sys/class/net/$network_bridge/bridge/vlan_filtering" 2>/dev/null || echo 0)" = "$network_filtering" ] \
      || ip link set dev "$network_bridge" type bridge vlan_filtering "$network_filtering"
  fi
  for network_link in $network_links "$network_bridge"; do
    [ -e "/sys/class/net/$network_link" ] || continue
    networkctl reconfigure "$network_link"
  done
}
# In conditions: it only looks.
network_in_order() {
  if [ ! -e "$network_netdev" ]; then
    network_why="the bridge $network_bridge is still there"
    [ ! -e "/sys/class/net/$network_bridge" ]
    return
  fi
  network_why="the bridge $network_bridge is not there"
  [ -d "/sys/class/net/$network_bridge/bridge" ] || return 1
  network_why="$network_uplink is not in the bridge $network_bridge"
  [ "$(network_master "$network_uplink")" = "$network_bridge" ] || return 1
  network_why="systemd-networkd configures $network_bridge with another file than $network_settings: $(network_file_of "$network_bridge")"
  [ "$(network_file_of "$network_bridge")" = "$network_settings" ]
}
