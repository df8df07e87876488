/**
 * One field of a colon-separated value, such as the paths of `Bind=` or `Overlay=`. A colon or a backslash in it is
 * escaped with a backslash. Quotes are ordinary characters there (systemd's extract_first_word() without
 * EXTRACT_UNQUOTE).
 */
export function quoteColonField(field: string): string {
  return field.replace(/[\\:]/g, "\\$&");
}

/** Fields as one value; empty ones keep their place. Text that no line can hold is refused with the entry. */
export function renderColonFields(fields: readonly string[]): string {
  return fields.map(quoteColonField).join(":");
}

/**
 * The fields of a value, at most `limit` of them. The remainder after the last one is `rest`, unparsed, such as the
 * options of `Bind=`.
 *
 * @throws RangeError for a backslash at the end, which makes systemd ignore the whole value.
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
