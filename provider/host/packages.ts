/** Installed packages by name, as `root_packages` printed them; a provided name has the version `""`. */
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
