# Shell functions for the script of docker.ts. `docker_user_allow PROGRAM FAMILY` lets packets of our networks pass the
# rules of Docker, with the iptables of a family of addresses. Without Docker it does nothing. `docker_user_rules FAMILY`
# prints these rules, as `iptables -S` does.

# In conditions: it only looks.
docker_user_rules() {
  cat /etc/pulumi-nspawn/nftables/50-*.nft 2>/dev/null | while read -r docker_mark docker_kind docker_family docker_pool; do
    [ "$docker_mark" = '#' ] && [ "$docker_family" = "$1" ] || continue
    echo "-A PULUMI-NSPAWN -s $docker_pool -j ACCEPT"
    case $docker_kind in
      masqueraded)
        echo "-A PULUMI-NSPAWN -d $docker_pool -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
        echo "-A PULUMI-NSPAWN -d $docker_pool -m conntrack --ctstate DNAT -j ACCEPT"
        ;;
      routed) echo "-A PULUMI-NSPAWN -d $docker_pool -j ACCEPT" ;;
    esac
  done
}

# In conditions: each failure is returned.
docker_user_allow() {
  command -v "$1" >/dev/null && "$1" -w -n -L DOCKER-USER >/dev/null 2>&1 || return 0
  {
    echo '*filter'
    echo ':PULUMI-NSPAWN -'
    docker_user_rules "$2"
    echo COMMIT
  } | "$1-restore" -w --noflush || return 1
  "$1" -w -C DOCKER-USER -j PULUMI-NSPAWN 2>/dev/null || "$1" -w -I DOCKER-USER -j PULUMI-NSPAWN
}
