import { createHash } from "node:crypto";

/** A virtual Ethernet link of a machine: its two ends. */
export interface Link {
  readonly machine: string;
  /** Its place in the list of the machine's networks. */
  readonly index: number;
  /** The end inside: `host0`, `host1`, … in the order of `networks`. */
  readonly inside: string;
  /** The end on the host. systemd-nspawn shortens the first one's name where it is too long, and keeps this one as an altname. */
  readonly outside: string;
  /** The one that systemd-nspawn calls `host0`; further ones are made by `VirtualEthernetExtra=` and left down. */
  readonly first: boolean;
}

/** What the first link is plugged into: systemd-nspawn calls its host end `ve-` by itself, and `vb-` on a bridge. */
export type Plug = "ve" | "vb";

const LONGEST = 15;

/** The link at a place in the list of a machine's networks (systemd-nspawn(1), `--network-veth`, `--network-veth-extra`). */
export function linkAt(machine: string, index: number, plug: Plug): Link {
  const outside = index === 0 ? `${plug}-${machine}` : shortened(`vx${index}-`, machine);
  return { machine, index, inside: `host${index}`, outside, first: index === 0 };
}

/** An interface's name has 15 characters at most; a long one keeps its beginning and is told apart by a checksum. */
function shortened(prefix: string, machine: string): string {
  const room = LONGEST - prefix.length;
  if (machine.length <= room) return prefix + machine;
  return prefix + machine.slice(0, room - 6) + createHash("sha256").update(machine).digest("hex").slice(0, 6);
}
