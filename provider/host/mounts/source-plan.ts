import { createHash } from "node:crypto";
import type { Script } from "../../remote";
import { type Claim, STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";

/** The desired state of a directory on the host: users and groups by number, or by the host's names. */
export interface DirectoryPlan {
  readonly owner: number | string;
  readonly group: number | string;
  /** Octal digits. */
  readonly mode: string;
}

/** A source of mounts: who owns it, and its desired state if its resource creates it. */
export interface SourcePlan {
  readonly path: string;
  readonly claim: Claim;
  readonly create?: DirectoryPlan | undefined;
  /** How a source that is only used is looked at; it sets `source_real`. @default links are followed, nothing else */
  readonly look?: Script | undefined;
}

/** A source and its owner. */
export interface SourceKey extends Pick<SourcePlan, "path"> {
  readonly owner: string;
  /** Anything if its resource creates it. */
  readonly create?: object | undefined;
}

/** Records who has which source. */
export const MARKERS = `${STATE_DIRECTORY}/sources`;
/** How long one script waits for another at the markers. */
export const LOCK_SECONDS = 100;

/**
 * Only one resource can create a directory, so its marker is named by path; a source that is only used may be shared.
 */
export function markerPath({ path, owner, create }: SourceKey): string {
  const key = create === undefined ? owner : createHash("sha256").update(path).digest("hex").slice(0, 32);
  return `${MARKERS}/${key}.json`;
}

/** Writes a marker, to whose fields the script adds how many directories were made for the source. */
export function writeMarker(path: string, text: string, made: Script): Script {
  return sh`file_present ${path} ${text.slice(0, -1)}",\"made\":\"${made}\"}" 0600 || :`;
}

/** As stat(1) prints it. */
export function shortMode(mode: string): string {
  return mode.replace(/^0+(?=.)/, "");
}
