# Shell functions: `forwarding_enable FAMILIES` makes the host forward immediately; `forwarding_restore` restores the
# former state, unless something else on the host may need forwarding by now.
#
# By default a host that forwards IPv6 ignores router advertisements. If the kernel learned the host's own default route
# from them, `accept_ra` 2 keeps it (ip-sysctl, kernel.org).

forwarding_enable() {
  if [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ]; then
    file_present /var/lib/pulumi-nspawn/forwarding 0 0600 || :
    echo 1 >/proc/sys/net/ipv4/ip_forward
  fi
  [ "$1" = ipv6 ] && [ "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" = 0 ] || return 0
  forwarding_lines=$(ip -6 -o route show default proto ra | sed -n 's/.* dev \([^ ]*\).*/\1/p' | sort -u | while read -r forwarding_link; do
    [ "$(cat "/proc/sys/net/ipv6/conf/$forwarding_link/accept_ra")" = 1 ] || continue
    echo 2 >"/proc/sys/net/ipv6/conf/$forwarding_link/accept_ra"
    echo "net/ipv6/conf/$forwarding_link/accept_ra = 2"
  done)
  [ -z "$forwarding_lines" ] || file_present /etc/sysctl.d/91-pulumi-nspawn-accept-ra.conf "# Managed by pulumi-nspawn.
$forwarding_lines
" 0644 || :
  echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
}
# In conditions: it only looks.
forwarding_needed() {
  [ -n "$(
    ip -o link show type bridge
    ip -o link show type tun
    ip -o link show type wireguard
  )" ] \
    || registered_machines 2>/dev/null | grep -q .
}
forwarding_restore() {
  file_absent /etc/sysctl.d/91-pulumi-nspawn-accept-ra.conf || :
  [ -e /var/lib/pulumi-nspawn/forwarding ] || return 0
  forwarding_needed || cat /var/lib/pulumi-nspawn/forwarding >/proc/sys/net/ipv4/ip_forward
  file_absent /var/lib/pulumi-nspawn/forwarding || :
}
