import type { InstalledPackages } from "../packages";

/** The name in an entry of `packages`. */
export function nameOf(spec: string): string {
  return spec.split("=", 1).join();
}

/** The version in an entry of `packages`, or with an asterisk at its end how it begins; `undefined` if any version will do. */
export function versionOf(spec: string): string | undefined {
  const name = nameOf(spec);
  return name === spec ? undefined : spec.slice(name.length + 1);
}

/** Each package once: an entry with a version takes precedence over one without. */
export function distinctPackages(specs: readonly string[]): string[] {
  const pinned = new Set(specs.filter((spec) => versionOf(spec) !== undefined).map(nameOf));
  return [...new Set(specs)].filter((spec) => versionOf(spec) !== undefined || !pinned.has(spec)).sort();
}

/** Whether a root has what an entry asks for. */
export function isInstalled(spec: string, packages: InstalledPackages): boolean {
  const installed = packages.get(nameOf(spec));
  const version = versionOf(spec);
  if (installed === undefined || version === undefined) return installed !== undefined;
  return version.endsWith("*") ? installed.startsWith(version.slice(0, -1)) : installed === version;
}
