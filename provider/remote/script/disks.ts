import { join } from "node:path";
import { readLibrary } from "./library";
import { type ShellLibrary, sh, withLibraries } from "./script";

/** What every script can call to list the file systems that it writes to. */
export const disksLibrary: ShellLibrary = { ...readLibrary(join(__dirname, "disks.sh")), needs: [] };

/** How a line begins by which work whose output is text lists a file system. */
export const DISK_LINE = "pulumi-nspawn-disk: ";

/** Prints the file systems as lines, for work whose output is text. */
export const printDisks = withLibraries(
  sh`
disks_list | sed ${`s/^/${DISK_LINE}/`}
`.with(() => [disksLibrary]),
);
