# Shell functions about the host's ends of machines' links, as the kernel has them.
#
# - `links_answer` answers all links of the host, their addresses and routes, and which let loopback addresses pass.
# - `link_present LINK` succeeds if there is such a link.
# - `link_settle LINK MASTER ADDRESSES ROUTES FLAG` puts a link into its bridge, and makes networkd configure it again if it
# lacks one of its addresses or routes, which are lists of words. Refuses with `link-unsettled` if that does not help.
# Without the flag it has neither, and is left alone: `LOWER_UP`, while the other end is up.

links_answer() {
  answer links "$(ip -o link show)" "$(ip -o address show scope global)" "$(
    ip -4 -o route show table main
    ip -6 -o route show table main
  )" "$(grep -l '^1' /proc/sys/net/ipv4/conf/*/route_localnet 2>/dev/null | sed 's|.*/conf/\(.*\)/.*|\1|')"
}
# In conditions: it only looks.
link_present() { ip -o link show dev "$1" >/dev/null 2>&1; }
# In conditions: it only looks.
link_complete() {
  link_now=$(
    ip -o address show dev "$1"
    ip -4 -o route show dev "$1"
    ip -6 -o route show dev "$1"
  ) || return 1
  for link_address in $2; do case $link_now in *" $link_address "*) ;; *) return 1 ;; esac done
  for link_route in $3; do printf '%s\n' "$link_now" | grep -q "^$link_route " || return 1; done
}
link_settle() {
  link_line=$(ip -o link show dev "$1")
  case $link_line in
    *" master $2 "*) ;;
    *) [ -z "$2" ] || ip link set dev "$1" master "$2" up ;;
  esac
  case $link_line in *[,\<]"$5"[,\>]*) ;; *) return 0 ;; esac
  if link_complete "$1" "$3" "$4"; then return 0; fi
  networkctl reconfigure "$1"
  link_ticks=0
  until link_complete "$1" "$3" "$4"; do
    [ "$link_ticks" -lt 50 ] || refuse link-unsettled "$1" "$(networkctl --no-pager -n 0 status "$1" 2>/dev/null | sed -n 's/^ *Network File: //p')"
    link_ticks=$((link_ticks + 1))
    sleep 0.1
  done
}
