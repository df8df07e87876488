import { type Script, sh } from "../../remote";
import { STATE_DIRECTORY } from "../ownership";

/** What the host did before the first network: put back when the last one goes. */
const FORMER = `${STATE_DIRECTORY}/forwarding`;
const ROUTER_ADVERTISEMENTS = "/etc/sysctl.d/91-pulumi-nspawn-accept-ra.conf";

/** The sysctl.d(5) file of a network: the host forwards its packets after a reboot too. */
export function forwardingSettings(ipv6: boolean): string {
  const settings = ["net.ipv4.ip_forward = 1", ...(ipv6 ? ["net.ipv6.conf.all.forwarding = 1"] : [])];
  return ["# Managed by pulumi-nspawn.", ...settings, ""].join("\n");
}

export function forwardingSettingsPath(network: string): string {
  return `/etc/sysctl.d/90-pulumi-nspawn-${network}.conf`;
}

/**
 * Shell functions: `forwarding_enable FAMILIES` lets the host forward at once, `forwarding_restore` puts back what was before,
 * except where something else on the host may need it by now.
 *
 * A host that forwards IPv6 does not listen to routers by default; one whose own default route the kernel learned in that way
 * keeps it by `accept_ra` 2 (ip-sysctl, kernel.org).
 */
export const forwardingFunctions: Script = sh`
forwarding_enable() {
  if [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ]; then
    file_present ${FORMER} 0 0600 || :
    echo 1 >/proc/sys/net/ipv4/ip_forward
  fi
  [ "$1" = ipv6 ] && [ "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" = 0 ] || return 0
  forwarding_lines=$(ip -6 -o route show default proto ra | sed -n 's/.* dev \([^ ]*\).*/\1/p' | sort -u | while read -r forwarding_link; do
    [ "$(cat "/proc/sys/net/ipv6/conf/$forwarding_link/accept_ra")" = 1 ] || continue
    echo 2 >"/proc/sys/net/ipv6/conf/$forwarding_link/accept_ra"
    echo "net/ipv6/conf/$forwarding_link/accept_ra = 2"
  done)
  [ -z "$forwarding_lines" ] || file_present ${ROUTER_ADVERTISEMENTS} "# Managed by pulumi-nspawn.
$forwarding_lines
" 0644 || :
  echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
}
forwarding_needed() {
  [ -n "$(ip -o link show type bridge; ip -o link show type tun; ip -o link show type wireguard)" ] ||
    machinectl --no-legend list 2>/dev/null | grep -q .
}
forwarding_restore() {
  file_absent ${ROUTER_ADVERTISEMENTS} || :
  [ -e ${FORMER} ] || return 0
  forwarding_needed || cat ${FORMER} >/proc/sys/net/ipv4/ip_forward
  file_absent ${FORMER} || :
}
`;
