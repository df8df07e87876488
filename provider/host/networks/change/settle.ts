import { lines, type Script } from "../../../remote";
import { STATE_DIRECTORY } from "../../ownership";
import { sh } from "../../sh";
import type { NetworkChange } from "./network-change";
import { PENDING, ROLLBACK_UNIT, ROLLBACK_UNIT_FILE, ROLLED_BACK } from "./places";

/** Sets the variables that the functions about a change use. */
export function settleFunctions({ bridge, uplink, links, netdev, network }: NetworkChange): Script {
  return sh`network_bridge=${bridge} network_uplink=${uplink ?? ""} network_links=${links.join(" ")} network_netdev=${netdev} network_settings=${network}`;
}

const path = sh`PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; LC_ALL=C; export LC_ALL`;

/** What the transient unit runs, after the answer has gone out over the connection that it may cut. */
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
 * What restores everything: it is self-contained on the host, does not need the connection, and continues whatever
 * fails. At boot networkd does not run yet, so only the files need restoring.
 */
export function rollbackScript(change: NetworkChange): string {
  return lines([
    path,
    settleFunctions(change),
    sh`
mkdir -p ${ROLLED_BACK}
lock_open /run/pulumi-nspawn/network.lock 9
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
  if [ -e ${PENDING}/backup/"$network_index" ] || [ -L ${PENDING}/backup/"$network_index" ]; then
    mkdir -p -- "$(dirname -- "$network_path")"
    cp -dp -- ${PENDING}/backup/"$network_index" "$network_path.new" && mv -fT -- "$network_path.new" "$network_path"
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

/** Ends a change, confirmed or rolled back: the rename decides, the rest is cleanup. */
export const disarm: Script = sh`
rm -rf -- ${PENDING}.done
mv -T -- ${PENDING} ${PENDING}.done
systemctl -q --no-reload disable ${`${ROLLBACK_UNIT}.service`} 2>/dev/null || :
rm -f -- ${ROLLBACK_UNIT_FILE}
rm -rf -- ${PENDING}.done
rmdir -- ${STATE_DIRECTORY}/bridges ${STATE_DIRECTORY} 2>/dev/null || :
`;

/** Makes systemd forget what a change had running; not during a boot, which it would disturb. */
export const forget: Script = sh`
systemctl stop ${`${ROLLBACK_UNIT}.timer`} 2>/dev/null || :
systemctl daemon-reload
`;
