/** What two texts that should be the same are, if they are not. */
export function differs(read: string | undefined, wanted: string): string | undefined {
  if (read === wanted) return undefined;
  return `read as ${read === undefined ? "nothing" : shown(read)}, not ${shown(wanted)}`;
}

/** The same for lists of equal length: one more or less shifts the others, so each of the values is suspect. */
export function allDiffer(read: readonly string[], wanted: readonly string[]): readonly (string | undefined)[] {
  return wanted.map((one, index) => {
    if (read.length !== wanted.length)
      return `${read.length} items read, not ${wanted.length}: ${differs(read[index], one)}`;
    return differs(read[index], one);
  });
}

/** A text whose end and characters can be seen in a message. */
export function shown(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 150)}… (${text.length} characters) …${text.slice(-50)}` : text;
  return JSON.stringify(short);
}
