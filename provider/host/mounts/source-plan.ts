import { createHash } from "node:crypto";
import { STATE_DIRECTORY } from "../ownership";

/** What a directory on the host shall be: users and groups by number, or by the host's names. */
export interface DirectoryPlan {
  readonly owner: number | string;
  readonly group: number | string;
  /** Octal digits. */
  readonly mode: string;
}

/** A source of mounts: whose it is, and what it shall be where its resource makes it. */
export interface SourcePlan {
  readonly path: string;
  readonly owner: string;
  readonly urn: string;
  readonly adopt: boolean;
  readonly create?: DirectoryPlan | undefined;
}

/** Where it is written who has which source. */
export const MARKERS = `${STATE_DIRECTORY}/sources`;
/** How long one waits for another at the markers. */
export const LOCK_SECONDS = 100;

/** Who makes a directory has it alone, so the marker goes by the path; a source that is only used may be so by many. */
export function markerPath({ path, owner, create }: Pick<SourcePlan, "path" | "owner" | "create">): string {
  const key = create === undefined ? owner : createHash("sha256").update(path).digest("hex").slice(0, 32);
  return `${MARKERS}/${key}.json`;
}

/** As stat(1) prints it. */
export function shortMode(mode: string): string {
  return mode.replace(/^0+(?=.)/, "");
}
