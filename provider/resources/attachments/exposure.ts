import { sh } from "../../host/sh";
import { lines, type Script } from "../../remote";
import { isWithin } from "../../systemd/paths";
import {
  APPLICATION_SOCKETS,
  HARMLESS_IN_HOME,
  KEYS,
  LINKS,
  PRIVATE,
  PRIVATE_STATE,
  PUBLIC,
  SECRET,
  SHARED,
  TRUSTED,
} from "./host-places";

/** How a guest has a source. */
interface Access {
  readonly readOnly: boolean;
  /** Whether the host refuses what is no file that everybody may read ({@link mustBePublic}). @default false */
  readonly expectsPublic?: boolean;
}

/** Whether a source may be mounted read-only if it is a file that everybody on the host may read, which only the host knows. */
export function mustBePublic(path: string, { readOnly }: Access): boolean {
  const real = withoutLinks(path);
  const within = (places: readonly string[]) => places.some((place) => isWithin(real, place));
  return readOnly && within(SHARED) && !within(PUBLIC) && !SHARED.includes(real) && !within(SECRET);
}

/** Whether everything in a directory of the system may be read by everybody. */
function isPublic(real: string, readOnly: boolean): boolean {
  return readOnly && PUBLIC.some((place) => isWithin(real, place));
}

/**
 * Why a host path must not be mounted into a guest unless this is allowed explicitly, as the end of a sentence: with it
 * root inside controls the host or one of its users, learns their secrets, or has what belongs to another machine; or
 * it contains such a path. `undefined` for all other paths.
 */
export function exposureOf(path: string, access: Access): string | undefined {
  const { readOnly, expectsPublic = false } = access;
  const real = withoutLinks(path);
  if (expectsPublic && (isPublic(real, readOnly) || mustBePublic(path, access))) return ofKeys(real);
  return ofPlaces(real, readOnly) ?? ofKeys(real) ?? ofHomes(real, readOnly) ?? ofBoxes(real) ?? ofHiddenPlaces(real);
}

/** The message for a source that must be allowed explicitly. */
export function refuseExposure(path: string, exposeHost: boolean, access: Access): string | undefined {
  const why = exposeHost ? undefined : exposureOf(path, access);
  if (why === undefined) return undefined;
  return (
    `${JSON.stringify(path)} ${why}: root inside the machine could take over the host with it. ` +
    "Give the guest a separate directory. If you really want this, set `exposeHost: true`."
  );
}

function withoutLinks(path: string): string {
  const [link, directory] = LINKS.find(([from]) => isWithin(path, from)) ?? [];
  return link === undefined ? path : directory + path.slice(link.length);
}

function ofPlaces(real: string, readOnly: boolean): string | undefined {
  if (APPLICATION_SOCKETS.some((place) => isWithin(real, place))) return undefined;
  const places = [...PRIVATE, ...PRIVATE_STATE, ...(readOnly ? [] : TRUSTED)];
  const [first, ...more] = places.filter((place) => isWithin(place, real) || isWithin(real, place));
  if (first === undefined) return undefined;
  if (isWithin(real, first)) return `${real === first ? "gives" : `is in ${first}, which gives`} control of the host`;
  return `contains ${[first, ...more.slice(0, 2)].join(", ")}${more.length > 2 ? " and more" : ""}, which would give control of the host`;
}

function ofKeys(real: string): string | undefined {
  const found = real.split("/").find((part) => KEYS.includes(part));
  return found && `is in ${found}, which gives control of the host: it holds keys`;
}

/** A user's settings say what the shells and the session of that user run. Further down, a home has data. */
function ofHomes(real: string, readOnly: boolean): string | undefined {
  const [, top, user, entry] = real.split("/");
  if (top !== "home") return undefined;
  if (user === undefined || entry === undefined)
    return `contains ${user === undefined ? "/home/*" : real}/.ssh and more, which would give control of the host: that of its users`;
  if (readOnly && (entry === "bin" || HARMLESS_IN_HOME.includes(entry))) return undefined;
  if (entry !== "bin" && !entry.startsWith(".")) return undefined;
  return `is in /home/${user}/${entry}, which gives control of the host: that of its user`;
}

/** A box's own directories are its sources; what contains them has the keys of others. */
function ofBoxes(real: string): string | undefined {
  const [, ...parts] = real.split("/");
  if (!isWithin(real, "/var/lib/devboxes") || parts.length > 4) return undefined;
  return "contains homes and host keys of DevBoxes, which would give control of the host: that of its machines";
}

/** Directly in /, such as snapshots of the whole file system. */
function ofHiddenPlaces(real: string): string | undefined {
  const [, top = ""] = real.split("/");
  return top.startsWith(".") ? `is in /${top}, which gives control of the host` : undefined;
}

/**
 * Looks at a source on the host: where links lead that root alone can change, whether it is there, and whether what was
 * not allowed explicitly may be seen in a guest. It sets `source_real`.
 */
export function lookAtSource(path: string, exposeHost: boolean, { readOnly }: Access): Script {
  const follow = sh`source_follow ${path}; source_present "$source_real"`;
  if (exposeHost) return follow;
  if (mustBePublic(path, { readOnly })) return lines([follow, sh`source_public "$source_real" ${path}`]);
  const places = [...PRIVATE, ...PRIVATE_STATE, ...(readOnly ? [] : TRUSTED), "/home", "/var/lib/devboxes"];
  return lines([
    follow,
    // Only a file that everybody may read may be anywhere.
    sh`
if [ "$source_real" != ${path} ] && [ "$source_real" != ${withoutLinks(path)} ] && source_leads_into "$source_real" ${places}; then
  ${readOnly ? sh`source_public "$source_real" ${path}` : sh`refuse source-leads ${path} "$source_real"`}
fi`,
  ]);
}
