import { lines, type Script, sh } from "../../../remote";
import { STATE_DIRECTORY } from "../../ownership";
import { networkdFunctions, settleNetworkd } from "../networkd";
import type { NetworkChange } from "./change";
import { PENDING, ROLLBACK_UNIT, ROLLBACK_UNIT_FILE, ROLLED_BACK } from "./places";

/**
 * Shell functions about a change: `network_settle` has networkd take the files as they are now, forth and back alike;
 * `network_in_order` says whether the links are as the files want them, and else why not in `network_why`.
 */
export function settleFunctions({ bridge, uplink, links, netdev, network }: NetworkChange): Script {
  return sh`
${networkdFunctions}
network_master() { basename "$(readlink "/sys/class/net/$1/master" 2>/dev/null)" 2>/dev/null || :; }
network_file_of() { networkctl --json=short status "$1" 2>/dev/null | sed -n 's/.*"NetworkFile":"\([^"]*\)".*/\1/p'; }
network_settle() {
  # networkd leaves what it is told to keep, and what others made. Before it works on the links, not meanwhile; and link-local
  # addresses stay, since they would not come back.
  for network_link in ${links} ${bridge}; do
    [ -e "/sys/class/net/$network_link" ] || continue
    ip address flush dev "$network_link" scope global
    ip -4 route flush dev "$network_link"
  done
  [ -e ${netdev} ] || ip link delete dev ${bridge} 2>/dev/null || :
  ${settleNetworkd}
  if [ -e ${netdev} ]; then
    network_tick=0
    until [ -d ${`/sys/class/net/${bridge}/bridge`} ] || [ "$network_tick" -ge 50 ]; do sleep 0.1; network_tick=$((network_tick + 1)); done
    # networkd sets these only when it makes the bridge.
    network_mac=$(sed -n 's/^MACAddress=//p' ${netdev})
    [ "$(cat ${`/sys/class/net/${bridge}/address`})" = "$network_mac" ] || ip link set dev ${bridge} address "$network_mac"
    network_filtering=0
    ! grep -qx VLANFiltering=yes ${netdev} || network_filtering=1
    [ "$(cat ${`/sys/class/net/${bridge}/bridge/vlan_filtering`} 2>/dev/null || echo 0)" = "$network_filtering" ] ||
      ip link set dev ${bridge} type bridge vlan_filtering "$network_filtering"
  fi
  for network_link in ${links} ${bridge}; do
    [ -e "/sys/class/net/$network_link" ] || continue
    networkctl reconfigure "$network_link"
  done
}
network_in_order() {
  if [ ! -e ${netdev} ]; then
    network_why="the bridge "${bridge}" is still there"
    [ ! -e ${`/sys/class/net/${bridge}`} ]
    return
  fi
  network_why="the bridge "${bridge}" is not there"
  [ -d ${`/sys/class/net/${bridge}/bridge`} ] || return 1
  network_why=${`${uplink ?? ""} is not in the bridge ${bridge}`}
  [ "$(network_master ${uplink ?? ""})" = ${bridge} ] || return 1
  network_why="systemd-networkd sets "${bridge}" up by another file than "${network}": $(network_file_of ${bridge})"
  [ "$(network_file_of ${bridge})" = ${network} ]
}
`;
}

const path = sh`PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; LC_ALL=C; export LC_ALL`;

/** What the transient unit runs: later than the answer over the connection that it may cut. */
export function applyScript(change: NetworkChange): string {
  return lines([
    path,
    settleFunctions(change),
    sh`
sleep 0.5
network_settle
: >${PENDING}/applied
`,
  ]).text;
}

/**
 * What puts everything back: it stands alone on the host, needs nothing of the connection, and goes on whatever fails.
 * At boot networkd does not run yet, so the files are all there is to put back.
 */
export function rollbackScript(change: NetworkChange): string {
  return lines([
    path,
    settleFunctions(change),
    sh`
mkdir -p /run/pulumi-nspawn ${ROLLED_BACK}
exec 9>/run/pulumi-nspawn/network.lock
flock -w 10 9
[ -e ${PENDING}/token ] || exit 0
network_booting=yes
! systemctl -q is-active systemd-networkd.service || network_booting=
network_record=${ROLLED_BACK}/$(cat ${PENDING}/token)
{
  if [ -n "$network_booting" ]; then echo boot
  else
    echo time
    networkctl --no-pager --no-legend list
    ip -brief address
    ip -4 route
  fi
} >"$network_record.new" 2>&1
while read -r network_index network_path; do
  if [ -e ${PENDING}/backup/"$network_index" ]; then
    mkdir -p -- "$(dirname -- "$network_path")"
    cp -p -- ${PENDING}/backup/"$network_index" "$network_path.new" && mv -fT -- "$network_path.new" "$network_path"
  else
    rm -f -- "$network_path"
  fi
done <${PENDING}/paths
[ -n "$network_booting" ] || network_settle
mv -f -- "$network_record.new" "$network_record"
${disarm}
[ -n "$network_booting" ] || { ${forget} }
`,
  ]).text;
}

/** Ends a change, confirmed or rolled back: the renaming decides, the rest is tidying up. */
export const disarm: Script = sh`
rm -rf -- ${PENDING}.done
mv -T -- ${PENDING} ${PENDING}.done
systemctl -q --no-reload disable ${`${ROLLBACK_UNIT}.service`} 2>/dev/null || :
rm -f -- ${ROLLBACK_UNIT_FILE}
rm -rf -- ${PENDING}.done
rmdir -- ${STATE_DIRECTORY}/bridges ${STATE_DIRECTORY} 2>/dev/null || :
`;

/** Has systemd forget what a change had running; not during a boot, which it would disturb. */
export const forget: Script = sh`
systemctl stop ${`${ROLLBACK_UNIT}.timer`} 2>/dev/null || :
systemctl daemon-reload
`;
