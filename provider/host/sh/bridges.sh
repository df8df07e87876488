# Shell functions about interfaces.

bridge_master() { basename "$(readlink "/sys/class/net/$1/master" 2>/dev/null)" 2>/dev/null || :; }
# What is in the bridge, or will be as soon as it starts, except the uplink: one per line.
bridge_users() {
  for bridge_port in /sys/class/net/"$1"/brif/*; do
    [ -e "$bridge_port" ] || continue
    bridge_port=${bridge_port##*/}
    [ "$bridge_port" = "$2" ] || printf 'the interface %s\n' "$bridge_port"
  done
  grep -lsxF "Bridge=$1" /etc/systemd/nspawn/*.nspawn /run/systemd/nspawn/*.nspawn \
    | sed 's/.*\/\(.*\)\.nspawn$/the machine \1/'
}
