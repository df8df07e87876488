# The shell function `firewalls_answer SUBNET` answers what would drop packets of a subnet and has no rule for it. An
# accept in our own table does not count: a packet must pass the chains of all tables (nft(8), verdict statements).

firewalls_answer() {
  firewall_known=
  if systemctl -q is-active firewalld.service; then
    firewall-cmd -q --zone=trusted --query-source="$1" 2>/dev/null || answer firewall firewalld
  fi
  if grep -qsx 'ENABLED=yes' /etc/ufw/ufw.conf; then
    firewall_known=yes
    grep -qsF -- "### tuple ### route:allow any any 0.0.0.0/0 any $1 " /etc/ufw/user.rules || answer firewall ufw
  fi
  ! nft list chain ip filter DOCKER-USER >/dev/null 2>&1 || firewall_known=yes
  nft list chains 2>/dev/null | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    /hook forward/ && /policy drop/ && family != "bridge" && family != "ip6" { print family, table, chain }
  ' | while read -r firewall_chain; do
    [ "$firewall_chain" != 'ip filter FORWARD' ] || [ -z "$firewall_known" ] || continue
    # shellcheck disable=SC2086 # words: a family and a table
    nft list table ${firewall_chain% *} | grep -qwF -- "$1" || answer firewall chain "$firewall_chain"
  done
}
