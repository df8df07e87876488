import { createHash } from "node:crypto";

/** A virtual Ethernet link of a machine, with its two ends. */
export interface Link {
  readonly machine: string;
  /** Its position in the machine's list of networks. */
  readonly index: number;
  /** The end inside: `host0`, `host1`, … in the order of `networks`. */
  readonly guestInterface: string;
  /**
   * The end on the host. systemd-nspawn shortens the first one's name if it is too long, and keeps this one as an
   * altname.
   */
  readonly hostInterface: string;
  /** Whether it is systemd-nspawn's `host0`; `VirtualEthernetExtra=` creates further ones and leaves them down. */
  readonly primary: boolean;
}

/** What the first link is attached to: by default systemd-nspawn names its host end `ve-`, and `vb-` on a bridge. */
export type InterfacePrefix = "ve" | "vb";

const LONGEST = 15;

/** The link at a position in a machine's networks (systemd-nspawn(1), `--network-veth`, `--network-veth-extra`). */
export function linkAt(machine: string, index: number, prefix: InterfacePrefix): Link {
  const hostInterface = index === 0 ? `${prefix}-${machine}` : shortened(`vx${index}-`, machine);
  return { machine, index, guestInterface: `host${index}`, hostInterface, primary: index === 0 };
}

/**
 * An interface's name has 15 characters at most. A long name keeps its beginning and gets a checksum to stay unique.
 */
function shortened(prefix: string, machine: string): string {
  const room = LONGEST - prefix.length;
  if (machine.length <= room) return prefix + machine;
  return prefix + machine.slice(0, room - 6) + createHash("sha256").update(machine).digest("hex").slice(0, 6);
}
