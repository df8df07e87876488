# Shell functions about ports of the host's 127.0.0.1.
#
# `loopback_settle_parts LINK PATTERN` lets packets of loopback addresses leave by a link if one of these parts of the
# table forwards a port of such an address; otherwise the kernel drops them (`route_localnet`, ip-sysctl of kernel.org).
# The kernel then also takes such packets from the link. The table drops those, and so does a filter on the link itself,
# which is there first, and stays when somebody flushes all tables. Refuses with `loopback-unguarded`.

# In conditions: it only looks.
loopback_published() {
  find /etc/pulumi-nspawn/nftables -maxdepth 1 -name "$1" -exec cat {} + 2>/dev/null | grep -Eq '^# port [a-z]+ (\*|127\.[0-9.]+) '
}
# In conditions: it only looks.
loopback_guarded() { tc filter show dev "$1" ingress 2>/dev/null | grep -q 'match 7f000000/ff000000 at 16'; }
loopback_guard() {
  if loopback_guarded "$1"; then return 0; fi
  tc qdisc add dev "$1" clsact 2>/dev/null || : # somebody's is there
  # Back to the guest, which sent it: a redirection is in more kernels than a drop is.
  loopback_why=$(tc filter add dev "$1" ingress protocol ip pref 1 u32 match ip dst 127.0.0.0/8 action mirred egress redirect dev "$1" 2>&1) \
    || refuse loopback-unguarded "$1" "$loopback_why"
}
loopback_settle_parts() {
  # Its first name: a long one is an alternative name.
  loopback_link=$(ip -o link show dev "$1" | sed 's/^[0-9]*: \([^:@]*\).*/\1/')
  loopback_open=0
  if loopback_published "$2"; then
    loopback_guard "$loopback_link"
    loopback_open=1
  fi
  echo "$loopback_open" >"/proc/sys/net/ipv4/conf/$loopback_link/route_localnet"
}
