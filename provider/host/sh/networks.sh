# In conditions: it only looks.
network_field() { marker_field "$network_marker" "$1"; }
# Prints lines NAME SUBNET for our other networks that overlap with a range: FIRST LAST SUBNET6.
network_overlap() {
  for network_other in /var/lib/pulumi-nspawn/networks/*.json; do
    if [ ! -e "$network_other" ] || [ "$network_other" = "$network_marker" ]; then continue; fi
    { [ "$(marker_field "$network_other" first)" -le "$2" ] && [ "$1" -le "$(marker_field "$network_other" last)" ]; } \
      || { [ -n "$3" ] && [ "$(marker_field "$network_other" subnet6)" = "$3" ]; } || continue
    network_other_name=${network_other##*/}
    echo "${network_other_name%.json} $(marker_field "$network_other" subnet)"
  done
}
# Prints a route or address of the host inside or around a subnet, except those of our own links: FAMILY SUBNET.
network_routes() {
  network_links=" $(for network_other in /var/lib/pulumi-nspawn/networks/*.json; do
    network_group=$(marker_field "$network_other" group)
    [ -z "$network_group" ] || ip -o link show group "$network_group"
  done | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | tr '\n' ' ')"
  for network_relation in match root; do ip "$1" -o route show table all "$network_relation" "$2"; done \
    | awk -v ours="$network_links" '{
      device = ""
      for (field = 1; field < NF; field++) if ($field == "dev") device = $(field + 1)
      if ($1 != "default" && $2 != "default" && $1 != "broadcast" && (device == "" || !index(ours, " " device " "))) { print; exit }
    }'
}
# systemd-nspawn removes a zone's bridge with its last machine, but not one that already existed: BRIDGE GROUP.
network_bridge_absent() {
  ip -o link show dev "$1" group "$2" 2>/dev/null | grep -q . || return 0
  ip -o link show master "$1" | grep -q . || ip link delete dev "$1"
}
# Prints the addresses on which something of the host answers questions about names.
network_stubs() { ss -H -l -u -n 'sport = :53' | awk '{ address = $4; sub(/:53$/, "", address); sub(/%.*/, "", address); print address }'; }
# Makes the host's resolved listen on an address, or on none, if it does not yet; it reads its files when it starts. The
# script sets `network_stub_before` to the former address, if any.
network_stub() {
  if [ "$network_stub_before" = "$1" ]; then
    [ -n "$1" ] || return 0
    ! ss -H -l -u -n "src $1:53" | grep -q . || return 0
  fi
  # Each network restarts it, and systemd refuses the sixth start within ten seconds.
  systemctl reset-failed systemd-resolved.service
  systemctl restart systemd-resolved.service
}
