import { lines, type Script } from "../../remote";
import { aboutClaim, type Claim, STATE_DIRECTORY } from "../ownership";
import type { Refusals } from "../refusals";
import { sh } from "../sh";
import { PENDING } from "./change/places";

export function bridgeMarkerPath(bridge: string): string {
  return `${STATE_DIRECTORY}/bridges/${bridge}.json`;
}

export function bridgeManifestPath(bridge: string): string {
  return `${STATE_DIRECTORY}/bridges/${bridge}.files`;
}

/** Refuses if there is no bridge of that name; systemd-nspawn itself only says that something "died too early". */
export function expectBridge(bridge: string): Script {
  return sh`
[ -e ${`/sys/class/net/${bridge}`} ] || refuse no-bridge ${bridge}
[ -e ${`/sys/class/net/${bridge}/bridge`} ] || refuse not-a-bridge ${bridge}
`;
}

/** Refuses if a bridge does not filter VLANs: it would pass the machine's frames to everyone. */
export function expectVlanFiltering(bridge: string): Script {
  return sh`
[ "$(cat ${`/sys/class/net/${bridge}/bridge/vlan_filtering`} 2>/dev/null)" = 1 ] || refuse no-vlan-filtering ${bridge}
`;
}

/** Answers the state of a bridge and its uplink, and what configures the uplink; changes nothing. */
export function inspectUplink(bridge: string, uplink: string): Script {
  const dir = `/sys/class/net/${uplink}`;
  return lines([
    sh`
[ ! -e ${bridgeMarkerPath(bridge)} ] || answer_file marker ${bridge} ${bridgeMarkerPath(bridge)}
[ ! -e ${`/sys/class/net/${bridge}`} ] || answer bridge
if [ -e ${dir} ]; then
  answer mac "$(cat ${dir}/address)"
  answer type "$(cat ${dir}/type)"
  [ ! -e ${dir}/wireless ] && [ ! -e ${dir}/phy80211 ] || answer wireless
  [ ! -e ${dir}/bridge ] || answer is-bridge
  answer master "$(bridge_master ${uplink})"
  for bridge_upper in ${dir}/upper_*; do
    [ ! -e "$bridge_upper" ] || answer upper "\${bridge_upper##*/upper_}" "$(sed -n 's/^DEVTYPE=//p' "$bridge_upper/uevent")"
  done
  bridge_status=$(networkctl --json=short status ${uplink} 2>/dev/null) || bridge_status=
  answer networkd "$bridge_status"
  answer client-id "$(networkctl --no-pager -n 0 status ${uplink} 2>/dev/null | sed -n 's/.*DHCPv\{0,1\}4 Client ID: IAID:0x\([0-9a-f]*\)\/DUID.*/\1/p')"
  answer gateway "$(ip -4 route show default dev ${uplink} | sed -n 's/.*via \([^ ]*\).*/\1/p' | head -n 1)"
  for bridge_address in $(ip -4 -o address show dev ${uplink} scope global | awk '{ print $4 }'); do answer address "$bridge_address"; done
  bridge_file=$(printf '%s\n' "$bridge_status" | json_field NetworkFile)
  if [ -f "$bridge_file" ]; then
    answer_file network-file "$bridge_file" "$bridge_file"
    printf '%s\n' "$bridge_status" | json_field NetworkFileDropins | while IFS= read -r bridge_file; do
      [ ! -f "$bridge_file" ] || answer_file network-file "$bridge_file" "$bridge_file"
    done
  fi
  bridge_stanzas=$(awk -v uplink=${uplink} '
    $1 ~ /^(iface|auto|allow-.*|mapping|source|source-directory|no-auto-down|no-scripts)$/ { on = ($1 == "iface" && $2 == uplink) }
    on' /etc/network/interfaces /etc/network/interfaces.d/* 2>/dev/null) || :
  [ -z "$bridge_stanzas" ] || ! command -v ifup >/dev/null 2>&1 || answer ifupdown "$bridge_stanzas"
  if command -v nmcli >/dev/null 2>&1; then
    bridge_connection=$(nmcli -g GENERAL.CONNECTION device show ${uplink} 2>/dev/null) || bridge_connection=
    [ -z "$bridge_connection" ] || answer network-manager "$bridge_connection"
  fi
fi
`,
  ]);
}

/** Refuses a bridge that this owner may not create or change; this is only certain under the lock. */
export function claimBridge(bridge: string, claim: Claim): Script {
  const marker = bridgeMarkerPath(bridge);
  return lines([
    aboutClaim(claim),
    sh`
if [ -e ${marker} ]; then claim_expect ${marker}
elif [ -e ${`/sys/class/net/${bridge}`} ]; then refuse foreign
fi
`,
  ]);
}

/** Refuses a bridge that contains anything other than its uplink. */
export function expectUnused(bridge: string, uplink: string): Script {
  return sh`
bridge_in_use=$(bridge_users ${bridge} ${uplink})
[ -z "$bridge_in_use" ] || refuse in-use "$bridge_in_use"
`;
}

/** Answers every bridge of the host and what is in it; for our own, also their markers and files. */
export const bridgesInventory: Script = lines([
  sh`
for bridge_path in /sys/class/net/*/bridge; do
  [ -e "$bridge_path" ] || continue
  bridge_path=\${bridge_path%/bridge}
  answer bridge "\${bridge_path##*/}" "$(ls "$bridge_path/brif" | tr '\n' ' ')"
done
for bridge_marker in ${STATE_DIRECTORY}/bridges/*.json; do
  [ -e "$bridge_marker" ] || continue
  bridge_name=\${bridge_marker##*/}; bridge_name=\${bridge_name%.json}
  answer_file bridge-marker "$bridge_name" "$bridge_marker"
  files_answer bridge-file "$bridge_name" "\${bridge_marker%.json}.files"
done
[ ! -e ${PENDING}/token ] || answer network-change-pending
`,
]);

/** Bridges that a machine cannot be attached to. */
export const bridgeRefusals: Refusals = {
  "no-bridge": ([bridge]) => ({
    happened: `there is no bridge "${bridge}"`,
    advice: "Create it on the host, or have it created: `create: { uplink: … }` on the BridgeAttachment.",
  }),
  "not-a-bridge": ([bridge]) => ({
    happened: `"${bridge}" is an interface, but not a bridge`,
    advice: "See `ip -brief link show type bridge` on the host.",
  }),
  "no-vlan-filtering": ([bridge]) => ({
    happened: `the bridge "${bridge}" does not filter VLANs`,
    advice: `Set VLANFiltering=yes (systemd.netdev(5)) where the bridge is configured, or for now: sudo ip link set ${bridge} type bridge vlan_filtering 1`,
  }),
};
