import { lines, type Script } from "../remote";
import { sh } from "./sh";

/** One file of an owner on a host. */
export interface HostFile {
  readonly text: string;
  /**
   * Octal permissions. networkd does not run as root, and files that a guest reads belong to nobody inside: these need
   * `0644`. `any` keeps the permissions of a file that already has the text.
   * @default "0600": environment variables may be secrets, and only systemd has to read them
   */
  readonly mode?: "0600" | "0644" | "any";
  /** Whether its text may leave the host only as a checksum. @default false */
  readonly secret?: boolean;
}

/** Files of one owner on a host, by path. */
export type Files = ReadonlyMap<string, HostFile>;

/** The files of an owner, by how a change takes effect: {@link ensureFiles} reports each kind by its name here. */
export interface OwnedFiles {
  /** A change takes effect when the machine starts. */
  readonly restart: Files;
  /** A change takes effect at once. */
  readonly live: Files;
}

/**
 * Brings the files of an owner to their texts: all are written whole to temporary names before any is renamed, so that
 * a full disk changes none of them. Removes files that it no longer wants. Sets `files_restart` and `files_live` to
 * `yes` if any such file changed. Creates missing directories, and removes those that it leaves empty.
 *
 * The manifest lists the files, one line `EFFECT KIND PATH` each. It is on disk first, so that the next run knows what
 * a killed run left behind.
 */
export function ensureFiles(manifest: string, files: OwnedFiles): Script {
  const write = (variable: Script, group: Files) =>
    [...group].map(
      ([path, { text, mode = "0600" }]) => sh`if file_stage ${path} ${text} ${mode}; then ${variable}=yes; fi`,
    );
  return lines([
    sh`
files_restart='' files_live=''
files_before=$(cat ${manifest} 2>/dev/null || :)
files_wanted=${manifestText(files)}
file_stage ${manifest} "$(printf '%s\n%s\n' "$files_before" "$files_wanted" | grep . | sort -u)
" 0600 || :
`,
    ...write(sh`files_restart`, files.restart),
    ...write(sh`files_live`, files.live),
    sh`
files_commit ${manifest}
while read -r file_effect file_kind file_path; do
  [ -n "$file_path" ] || continue
  ! printf '%s\n' "$files_wanted" | cut -d ' ' -f 3- | grep -qxF -- "$file_path" || continue
  if file_remove "$file_path"; then if [ "$file_effect" = live ]; then files_live=yes; else files_restart=yes; fi; fi
done <<END
$files_before
END
files_synced
file_present ${manifest} "$files_wanted
" 0600 || :
`,
  ]);
}

/** A condition: the files of an owner are as wanted, and its manifest lists no others. Does not check directories. */
export function filesInPlace(manifest: string, files: OwnedFiles): Script {
  const same = [...files.restart, ...files.live].map(([path, { text }]) => sh`file_same ${path} ${text} &&`);
  return sh`{ ${lines(same)}
[ "$(cat ${manifest} 2>/dev/null)" = ${manifestText(files)} ]; }`;
}

/** Removes all files that an owner's manifest lists, and the manifest. */
export function removeFiles(manifest: string): Script {
  return sh`
if [ -f ${manifest} ]; then
  while read -r file_effect file_kind file_path; do
    [ -z "$file_path" ] || file_remove "$file_path" || :
  done <${manifest}
  files_synced
  file_absent ${manifest} || :
fi
`;
}

function manifestText(files: OwnedFiles): string {
  return [...manifestLines("restart", files.restart), ...manifestLines("live", files.live)].sort().join("\n");
}

function manifestLines(effect: string, files: Files): string[] {
  return [...files].map(([path, { secret }]) => `${effect} ${secret ? "secret" : "text"} ${path}`);
}
