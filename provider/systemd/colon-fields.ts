/**
 * One field of a value that colons divide, as the paths of `Bind=` or `Overlay=`: a colon or a backslash in it gets a
 * backslash before it. Quotes are ordinary characters there (systemd's extract_first_word() without EXTRACT_UNQUOTE).
 */
export function quoteColonField(field: string): string {
  return field.replace(/[\\:]/g, "\\$&");
}

/** Fields as one value; empty ones keep their place. What no line can hold is refused with the entry. */
export function renderColonFields(fields: readonly string[]): string {
  return fields.map(quoteColonField).join(":");
}

/**
 * The fields of a value, at most `limit` of them: what follows the last one is `rest`, as it stands, as the options of `Bind=`.
 *
 * @throws RangeError for a backslash at the end, where systemd ignores the whole value.
 */
export function parseColonFields(value: string, limit = Number.POSITIVE_INFINITY): { fields: string[]; rest?: string } {
  const fields: string[] = [];
  let rest = value;
  while (fields.length < limit) {
    const [whole, field = "", end] = /^((?:[^\\:]|\\.)*)(:|$)/su.exec(rest) ?? [];
    if (whole === undefined) throw new RangeError(`${JSON.stringify(value)} ends with a backslash`);
    fields.push(field.replace(/\\(.)/gsu, "$1"));
    rest = rest.slice(whole.length);
    if (end === "") return { fields };
  }
  return { fields, rest };
}
