import { lines, type Script } from "../../remote";
import { ensureFiles, type Files, removeFiles } from "../files";
import { type Claim, expectClaim, markerText, STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";
import { NETWORKS } from "./leases";
import { type HostLink, settleLink } from "./links";
import { forgetLinks, reloadNetworkd } from "./networkd";
import { SHARED_MANIFEST, sharedFiles, TABLE_UNIT } from "./nft-table";

/** The desired state of a network on a host. */
export interface NetworkPlan {
  readonly name: string;
  readonly claim: Claim;
  readonly files: Files;
  readonly subnet: string;
  /** First and last address of the subnet, as numbers. */
  readonly bounds: { readonly first: number; readonly last: number };
  readonly subnet6?: string | undefined;
  /** The interface group of its links. */
  readonly group: number;
  /** The address that the host's resolved listens on for machines, if it does. */
  readonly stub?: string | undefined;
  /** The bridge of a zone, which is there while machines are in it. */
  readonly bridge: HostLink | undefined;
  /** Whether machines use the host's own name servers. */
  readonly asksHost: boolean;
}

/** Where its claim is. */
export function networkMarkerPath(name: string): string {
  return `${NETWORKS}/${name}.json`;
}

function about(name: string): Script {
  return sh`network_name=${name}; network_marker=${networkMarkerPath(name)}`;
}

function manifestPath(name: string): string {
  return `${NETWORKS}/${name}.files`;
}

/** Observes, then brings a network's part of the host to its plan. */
export function ensureNetwork(plan: NetworkPlan): Script {
  const { first, last } = plan.bounds;
  const stub = plan.stub ?? "";
  const marker = markerText(plan.claim, {
    subnet: plan.subnet,
    subnet6: plan.subnet6 ?? "",
    first: String(first),
    last: String(last),
    group: String(plan.group),
    stub,
  });
  // An update that is killed before resolved has read its files must find the former address again.
  const keep = sh`file_present "$network_marker" ${marker} 0600 || :`;
  return lines([
    about(plan.name),
    sh`networks_lock`,
    expectClaim(plan.claim, networkMarkerPath(plan.name), expectFree(plan)),
    preflight(plan),
    sh`
network_stub_before=$(network_field stub)
${plan.claim.fresh ? keep : sh`:`}
answer claimed
${ensureFiles(manifestPath(plan.name), { restart: new Map(), live: plan.files })}
${ensureFiles(SHARED_MANIFEST, { restart: new Map(), live: sharedFiles })}
[ -z "$files_live" ] || systemd_reload
lease_prune "$network_name" ${first} ${last}
forwarding_enable ${plan.subnet6 === undefined ? "" : "ipv6"}
table_load
systemctl reset-failed ${TABLE_UNIT} 2>/dev/null || :
systemctl -q enable --now ${TABLE_UNIT}
docker_allow
${reloadNetworkd}
${plan.bridge === undefined ? sh`:` : sh`if link_present ${plan.bridge.interface}; then ${settleLink(plan.bridge)}; fi`}
network_stub ${stub}
${keep}
firewalls_answer ${plan.subnet}
networks_unlock
`,
  ]);
}

/** Refuses a network that this host cannot have; nothing is changed yet. */
function preflight({ subnet, subnet6, bounds, stub, asksHost }: NetworkPlan): Script {
  const families = [["-4", subnet], ...(subnet6 === undefined ? [] : [["-6", subnet6]])];
  return lines([
    sh`
systemctl -q is-active systemd-networkd.service || refuse no-networkd
command -v nft >/dev/null || refuse no-nft
[ -z ${stub ?? ""} ] || systemctl -q is-active systemd-resolved.service || refuse no-resolved
[ ${asksHost ? "yes" : "no"} = no ] || [ -n "$(nameservers_host ${subnet6 === undefined ? "" : "ipv6"})" ] || refuse no-nameserver
network_found=$(network_overlap ${bounds.first} ${bounds.last} ${subnet6 ?? ""} | head -n 1)
[ -z "$network_found" ] || refuse overlaps-network "$network_found"
`,
    ...families.map(
      (family) => sh`
network_found=$(network_routes ${family})
[ -z "$network_found" ] || refuse overlaps-route ${family.slice(1)} "$network_found"
`,
    ),
  ]);
}

function expectFree({ files }: NetworkPlan): Script {
  return sh`for network_file in ${[...files.keys()]}; do [ ! -e "$network_file" ] || refuse foreign "$network_file"; done`;
}

/**
 * Removes a network from its host, and the shared files with the last one. Refuses while a machine has a link in it.
 */
export function removeNetwork(name: string, owner: string): Script {
  return lines([
    about(name),
    sh`
networks_lock
if marker_is "$network_marker" owner ${owner}; then
  network_users=$(lease_parts ${name} | cut -d ' ' -f 2 | tr '\n' ' ')
  [ -z "$network_users" ] || refuse in-use "$network_users"
  answer progress removing
  network_group=$(network_field group)
${removeFiles(manifestPath(name))}
  if [ -n "$(network_field stub)" ] && systemctl -q is-active systemd-resolved.service; then
    systemctl reset-failed systemd-resolved.service
    systemctl try-restart systemd-resolved.service
  fi
  file_absent ${`${NETWORKS}/${name}.leases`} || :
  if [ "$(ls ${NETWORKS}/*.json)" != "$network_marker" ]; then
    table_load
    docker_allow
  else
    systemctl -q disable --now ${TABLE_UNIT} || :
    table_delete
    docker_forget
${removeFiles(SHARED_MANIFEST)}
    forwarding_restore
    systemd_reload
  fi
  ${forgetLinks}
  network_bridge_absent ${`vz-${name}`} "$network_group"
  # Last: a removal that is interrupted is finished by the next one.
  file_absent "$network_marker" || :
  rmdir -- /etc/pulumi-nspawn ${STATE_DIRECTORY} 2>/dev/null || :
fi
networks_unlock
`,
  ]);
}

/** Answers every network of ours: its files, and whether the kernel's table matches the files. */
export const networksInventory: Script = lines([
  sh`
for network_marker in ${NETWORKS}/*.json; do
  [ -e "$network_marker" ] || continue
  network_name=\${network_marker##*/}; network_name=\${network_name%.json}
  answer_file network "$network_name" "$network_marker"
  files_answer network-file "$network_name" "\${network_marker%.json}.files"
done
if [ -e ${SHARED_MANIFEST} ]; then
  files_answer network-file '' ${SHARED_MANIFEST}
  answer network-unit "$(systemctl is-active ${TABLE_UNIT} || :)" "$(systemctl is-enabled ${TABLE_UNIT} 2>/dev/null || :)"
  answer forwarding "$(cat /proc/sys/net/ipv4/ip_forward)" "$(cat /proc/sys/net/ipv6/conf/all/forwarding 2>/dev/null || :)"
  answer stubs "$(network_stubs)"
  docker_answer
  table_is=$(table_live)
  table_should=$(table_wanted 2>/dev/null || :)
  [ "$table_is" = "$table_should" ] || answer network-table "$table_is" "$table_should"
fi
`,
]);
