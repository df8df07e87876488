/** Installed packages by name, as printed by `root_look`; a provided name has the version `""`. */
export type InstalledPackages = ReadonlyMap<string, string>;

/** Reads such a list; a real package takes precedence over one that provides its name. */
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
