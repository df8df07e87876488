import { lines, type Script, sh } from "../remote";

/** Files of one owner on a host: their text, `undefined` where there must be none. */
export type Files = ReadonlyMap<string, string | undefined>;

/**
 * Brings files to their texts, each written whole beside its place and renamed; sets a shell variable to `yes` where
 * anything changed. Directories are made, and those left empty are removed.
 *
 * Mode 0600: environment variables may be secrets, and only systemd has to read them.
 */
export function ensureFiles(files: Files, changed: Script): Script {
  const steps = [...files].map(([path, text]) => {
    const change = text === undefined ? sh`file_absent ${path}` : sh`file_present ${path} ${text}`;
    return sh`if ${change}; then ${changed}=yes; fi`;
  });
  return lines([sh`${changed}=`, ...steps]);
}

/** Shell functions that {@link ensureFiles} calls: each succeeds where it changed something. */
export const fileFunctions: Script = sh`
file_present() {
  [ ! -f "$1" ] || ! printf %s "$2" | cmp -s - "$1" || return 1
  mkdir -p -- "$(dirname -- "$1")"
  rm -f -- "$1.new"
  (umask 077; printf %s "$2" >"$1.new")
  mv -fT -- "$1.new" "$1"
}
file_absent() {
  [ -e "$1" ] || [ -L "$1" ] || return 1
  rm -f -- "$1"
  rmdir -- "$(dirname -- "$1")" 2>/dev/null || :
}
`;
