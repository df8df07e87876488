import type { Script } from "../../remote";
import { sh } from "../sh";

/** The longest name of an interface, and what systemd-nspawn keeps of a longer one (shorten_ifname() of systemd). */
const NAME_LENGTH = 15;
const KEPT_LENGTH = 11;

/**
 * Removes the DHCP leases of former boots of an ephemeral machine, before it starts.
 *
 * Each boot has another machine-id, so another DHCP client asks for an address. From systemd 257 on, the host's
 * systemd-networkd keeps leases even if their interface goes (`PersistLeases=`, systemd.network(5)): after 13 boots
 * within an hour, none of the 13 addresses would be left. A long name is shortened to one that begins like those of
 * others: leases of an interface that exists stay, and a machine that does not run may get another address.
 */
export function forgetStaleLeases(machine: string): Script {
  const link = `ve-${machine}`;
  const pattern = link.length <= NAME_LENGTH ? sh`${link}` : sh`${link.slice(0, KEPT_LENGTH)}????`;
  return sh`if cd /var/lib/systemd/network/dhcp-server-lease 2>/dev/null; then for lease in ${pattern}; do [ -e "/sys/class/net/$lease" ] || rm -f -- "$lease"; done; fi`;
}
