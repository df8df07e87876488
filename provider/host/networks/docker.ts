import { renderSections } from "../../systemd/settings-file";

export const DOCKER_SCRIPT = "/etc/pulumi-nspawn/docker-user.sh";
export const DOCKER_DROP_IN = "/etc/systemd/system/docker.service.d/90-pulumi-nspawn.conf";

/**
 * Docker drops forwarded packets unless one of its own rules accepts them, and an accept in another table does not
 * count (moby issue 39439). Its chain DOCKER-USER is meant for other people's rules, and Docker never flushes it: we
 * put one jump there, to our own chain, which is rewritten as a whole each time. Without Docker the script does
 * nothing.
 */
export const dockerScript = `#!/bin/sh
# Managed by pulumi-nspawn: lets packets of machines pass the rules of Docker.
allow() {
  command -v "$1" >/dev/null && "$1" -w -n -L DOCKER-USER >/dev/null 2>&1 || return 0
  {
    echo '*filter'
    echo ':PULUMI-NSPAWN -'
    cat /etc/pulumi-nspawn/nftables/50-*.nft 2>/dev/null | while read -r mark kind family pool; do
      [ "$mark" = '#' ] && [ "$family" = "$2" ] || continue
      echo "-A PULUMI-NSPAWN -s $pool -j ACCEPT"
      case $kind in
        masqueraded)
          echo "-A PULUMI-NSPAWN -d $pool -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"
          echo "-A PULUMI-NSPAWN -d $pool -m conntrack --ctstate DNAT -j ACCEPT" ;;
        routed) echo "-A PULUMI-NSPAWN -d $pool -j ACCEPT" ;;
      esac
    done
    echo COMMIT
  } | "$1-restore" -w --noflush
  "$1" -w -C DOCKER-USER -j PULUMI-NSPAWN 2>/dev/null || "$1" -w -I DOCKER-USER -j PULUMI-NSPAWN
}
allow iptables ip
allow ip6tables ip6
`;

/** Restores the rules when Docker starts, also at boot. */
export const dockerDropIn = renderSections("Managed by pulumi-nspawn.", [
  { name: "Service", entries: [["ExecStartPost", `-/bin/sh ${DOCKER_SCRIPT}`]] },
]);
