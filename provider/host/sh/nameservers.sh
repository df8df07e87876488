# The shell function `nameservers_host FAMILY` prints the name servers that the host itself uses and that machines can
# reach: not those on its loopback, those with a scope, or IPv6 ones if FAMILY is not `ipv6`. resolved keeps the name
# servers of the host's links in its own file; /etc/resolv.conf then names its stub (systemd-resolved.service(8)).

# In conditions: it only looks.
nameservers_host() {
  cat /run/systemd/resolve/resolv.conf /etc/resolv.conf 2>/dev/null | awk -v family="$1" '
    $1 != "nameserver" || $2 ~ /^127\.|^::1$|%/ || ($2 ~ /:/ && family != "ipv6") || seen[$2]++ { next }
    { print $2 }' | head -n 3
}
