import { type Entry, renderSettings } from "./settings-file";

const COMMENT = "Managed by pulumi-nspawn: `pulumi refresh` shows changes made here, `pulumi up` undoes them.";

/** The path at which systemd-nspawn trusts every setting of a machine (systemd.nspawn(5), `.nspawn` file discovery). */
export function nspawnFilePath(machine: string): string {
  return `/etc/systemd/nspawn/${machine}.nspawn`;
}

export function renderNspawnFile(entries: readonly Entry[]): string {
  return renderSettings(COMMENT, entries);
}
