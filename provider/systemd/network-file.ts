import { renderSections, type Section } from "./settings-file";

const COMMENT = "Managed by pulumi-nspawn: `pulumi refresh` shows changes made here, `pulumi up` undoes them.";

/** The text of a systemd.network(5), systemd.netdev(5) or systemd.link(5) file. */
export function renderNetworkFile(sections: readonly Section[]): string {
  return renderSections(COMMENT, sections);
}

/**
 * The path of our networkd file. Its number sorts before those of the files that systemd ships for machines
 * (80-container-ve.network and the like), and the first file that matches a link wins (systemd.network(5)).
 */
export function networkFilePath(name: string, kind: "network" | "netdev" | "link" = "network"): string {
  return `/etc/systemd/network/70-${name}.${kind}`;
}

/** A path that networkd and udev read before any file that a person or another tool wrote for the same link. */
export function foremostNetworkFilePath(name: string, kind: "network" | "netdev" | "link"): string {
  return `/etc/systemd/network/00-pulumi-nspawn-${name}.${kind}`;
}
