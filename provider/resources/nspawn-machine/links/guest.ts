import { renderNetworkFile } from "../../../systemd/network-file";
import type { Section } from "../../../systemd/settings-file";
import type { Rendered } from "../section";
import type { Link } from "./link";

/**
 * How networkd inside the machine configures its end of a link: a file on the host, bound into the guest. So the host's
 * root writes nothing into the guest's tree, and several machines can run from one root. It is not bound into /run:
 * nspawn would create the directories there as the host's root, and the guest's init could not write to them.
 */
export function guestNetwork(link: Link, sections: readonly Section[]): Rendered {
  const path = `/etc/systemd/nspawn/${link.machine}.${link.guestInterface}.network`;
  const guestPath = `/etc/systemd/network/70-${link.guestInterface}.network`;
  const text = renderNetworkFile([{ name: "Match", entries: [["Name", link.guestInterface]] }, ...sections]);
  return {
    nspawn: [{ section: "Files", key: "BindReadOnly", value: `${path}:${guestPath}` }],
    restart: new Map([[path, { text, mode: "0644" }]]),
  };
}
