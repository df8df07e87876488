#!/bin/sh
# What the hosts share on the outer machine: a bridge, masquerading, room for their inotify instances.
# usage: outer.sh up|down     Settings: STATE BRIDGE GATEWAY PREFIX TABLE
set -eu

# The former value is saved, and restored after the last host.
raise() {
  file=/proc/sys/$1
  [ "$(cat "$file")" -ge "$2" ] && return
  mkdir -p "$STATE/sysctl"
  saved=$STATE/sysctl/$(echo "$1" | tr / .)
  [ -e "$saved" ] || cat "$file" >"$saved"
  echo "$2" >"$file"
}

put_back() {
  for saved in "$STATE"/sysctl/*; do
    [ -e "$saved" ] || continue
    cat "$saved" >"/proc/sys/$(basename "$saved" | tr . /)"
  done
}

# Docker and others drop forwarded packets unless one of their own rules accepts them: an accept in our own table would
# not count.
accept_forwarding() {
  nft list chain ip filter FORWARD 2>/dev/null | grep -q 'policy drop' || return 0
  [ -z "$(forwarding_rules)" ] || return 0
  nft insert rule ip filter FORWARD iifname "$BRIDGE" accept comment "$TABLE"
  nft insert rule ip filter FORWARD oifname "$BRIDGE" accept comment "$TABLE"
}

forwarding_rules() {
  nft --handle list chain ip filter FORWARD 2>/dev/null | sed -n "s/.* comment \"$TABLE\" # handle //p"
}

up() {
  if ! ip link show "$BRIDGE" >/dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge
    ip address add "$GATEWAY/24" dev "$BRIDGE"
  fi
  ip link set "$BRIDGE" up
  # The link to the outside may carry smaller packets than the hosts' own without reporting it: hence the segment size.
  nft -f - <<END
table ip $TABLE
delete table ip $TABLE
table ip $TABLE {
  chain forward {
    type filter hook forward priority mangle
    ip saddr $PREFIX.0/24 tcp flags syn tcp option maxseg size set rt mtu
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr $PREFIX.0/24 ip daddr != $PREFIX.0/24 masquerade
  }
}
END
  accept_forwarding
  raise net/ipv4/ip_forward 1
  # One limit for root in all the hosts together: about six of them use up the usual 128.
  raise fs/inotify/max_user_instances 8192
}

down() {
  ip link delete "$BRIDGE" 2>/dev/null || true
  nft delete table ip "$TABLE" 2>/dev/null || true
  for handle in $(forwarding_rules); do nft delete rule ip filter FORWARD handle "$handle"; done
  put_back
}

"$1"
