import { type Script, sh } from "../remote";

/**
 * The shell function `root_packages TREE`: what dpkg has installed there, as lines of `NAME VERSION`, and `NAME -` for a
 * name that an installed package provides. Read from outside, so that it needs no process in the tree.
 */
export const packagesQuery: Script = sh`
root_packages() {
  # A guest may have put anything in this place, so nothing but a plain file is opened.
  [ -f "$1/var/lib/dpkg/status" ] || return 0
  awk '
    /^Package: / { name = $2 }
    /^Status: / { installed = ($4 == "installed") }
    /^Version: / { version = $2 }
    /^Provides: / { provided = substr($0, 11) }
    /^$/ { tell() }
    END { tell() }
    function tell(  count, i, names) {
      if (installed) {
        print name, version
        count = split(provided, names, /,/)
        for (i = 1; i <= count; i++) { sub(/^ */, "", names[i]); sub(/[ :(].*/, "", names[i]); print names[i], "-" }
      }
      name = version = provided = ""; installed = 0
    }
  ' "$1/var/lib/dpkg/status"
}
`;

/** Installed packages by name, as {@link packagesQuery} printed them; a provided name has the version `""`. */
export type InstalledPackages = ReadonlyMap<string, string>;

/** Reads what `root_packages` printed; a real package beats one that provides its name. */
export function installedPackagesOf(text: string): InstalledPackages {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [name, version] = line.split(" ");
    if (!name || version === undefined) continue;
    if (version !== "-") found.set(name, version);
    else if (!found.has(name)) found.set(name, "");
  }
  return found;
}
