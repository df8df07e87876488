import { type OsRelease, osReleaseOf } from "./os-release";
import { type InstalledPackages, installedPackagesOf } from "./packages";

/** What a root is, as read from outside. */
export interface RootLook {
  readonly osRelease: OsRelease;
  readonly packages: InstalledPackages;
  /** Why one of the two could not be read: a guest may have put anything in their places. `undefined` if both were. */
  readonly unreadable?: string;
}

const FILES = ["/usr/lib/os-release", "/var/lib/dpkg/status"] as const;

/** What became of a file, as `tree_read` says it. */
const REASONS: Readonly<Record<string, string>> = {
  irregular: "is not a regular file, or is reached by a link",
  large: "is larger than such a file can be",
};
const OTHER = "cannot be read";

/** Reads the output of `root_look`. A file that is missing counts as an empty one. */
export function rootLookOf(text: string): RootLook {
  const [release = "", first, list = "", second] = text.split(/^\f(.*)\n/m);
  const reasons = [first, second].flatMap((word = "", index) =>
    word === "read" || word === "missing" ? [] : [`${FILES[index]} in it ${REASONS[word] ?? OTHER}`],
  );
  return {
    osRelease: osReleaseOf(release),
    packages: installedPackagesOf(list),
    ...(reasons[0] !== undefined && { unreadable: reasons.join(", and ") }),
  };
}
