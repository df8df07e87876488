import { basename } from "node:path";
import type { Answer } from "../../remote";

/** A source on the host, and where it is mounted in a machine. */
export interface MountedSource {
  readonly source: string;
  readonly target: string;
}

/** The kernel's mark of a directory that no longer exists. */
const DELETED = /\/\/deleted$/;
/** As many lines of a machine as are answered. */
const MOST = 200;

/** The mounts that a running machine lost, as `machine_mount_lost` finds them; none if its list is not complete. */
export function lostMounts(
  mounted: readonly MountedSource[],
  leader: number,
  answers: readonly Answer[],
  leadOf: (source: string) => string = (source) => source,
): MountedSource[] {
  const text = answers.find(({ key }) => key === "mounts")?.values[0] ?? "";
  const lines = text.split("\n").filter((line) => line.startsWith(`/proc/${leader}/`));
  const mounts = lines.map((line) => line.split(" ").slice(1));
  if (lines.length === 0 || lines.length >= MOST || mounts.some(([what]) => what === "")) return [];
  return mounted.filter(({ source, target }) => {
    const names = [source, leadOf(source)].map((path) => basename(spelled(path)));
    return !mounts.some(
      ([what = "", where = ""]) =>
        !DELETED.test(what) && (names.includes(lastOf(what)) || lastOf(where) === basename(spelled(target))),
    );
  });
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** As the kernel lists it (proc(5), mountinfo). */
function spelled(path: string): string {
  return path.replace(/[\\ \t\n]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
