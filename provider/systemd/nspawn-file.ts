import { type Entry, renderSettings } from "./settings-file";

const COMMENT = "Managed by pulumi-nspawn: `pulumi refresh` shows changes made here, `pulumi up` undoes them.";

/** Where systemd-nspawn trusts every setting of a machine (systemd.nspawn(5), `.nspawn` file discovery). */
export function nspawnFilePath(machine: string): string {
  return `/etc/systemd/nspawn/${machine}.nspawn`;
}

export function renderNspawnFile(entries: readonly Entry[]): string {
  return renderSettings(COMMENT, entries);
}

/**
 * One word of `Environment=` or `Parameters=`: words end at blanks, quotes group, adjacent pieces are one word, and a
 * backslash is an ordinary character (systemd's EXTRACT_UNQUOTE with EXTRACT_RETAIN_ESCAPE). There are no specifiers.
 */
export function quoteNspawnWord(word: string): string {
  if (/^[^\s'"\\]+$/.test(word)) return word;
  return word
    .split(/("+)/)
    .filter((piece) => piece !== "")
    .map((piece) => (piece.startsWith('"') ? `'${piece}'` : `"${piece}"`))
    .join("");
}
