/** What is shown of a text that is too long for a message. */
const LONGEST = 100;

/**
 * A text that is a URL, or should have been one, for a message: in quotes, and without anything that may be a password
 * or a token. Those stand before an at sign, or in a query; a line break in one (it was read from a file) or a slash
 * does not end it.
 */
export function quotedUrl(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "nothing";
  if (!/@|:\/\//.test(value)) return JSON.stringify(value.slice(0, LONGEST));
  const [, scheme = "", rest = ""] = /^\s*([A-Za-z][A-Za-z0-9+.-]*:\/\/)?(.*)$/s.exec(value) ?? [];
  const at = rest.lastIndexOf("@");
  const place = rest.slice(at + 1);
  const [whole = ""] = /^[^?#&;\s]*/.exec(place) ?? [];
  // What follows a colon and is no port is the beginning of a password, whose end is elsewhere.
  const shown = whole.replace(/^([^/:[]*):(?!\d+(?:\/|$)).*$/s, "$1:").slice(0, LONGEST);
  return JSON.stringify(`${scheme}${at < 0 ? "" : "…@"}${shown}${shown === place ? "" : "…"}`);
}
