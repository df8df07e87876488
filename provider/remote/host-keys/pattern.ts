/**
 * Whether a text matches one pattern of ssh_config(5), PATTERNS: `*` matches any characters, `?` one. A host's certificate
 * has such patterns too, so the time is that of comparing each character with each, whatever the pattern.
 */
export function matchPattern(text: string, pattern: string): boolean {
  const characters = [...text];
  const signs = [...pattern.replace(/\*+/g, "*")];
  let [at, sign] = [0, 0];
  // Where to begin again if the rest does not match: behind the last asterisk, one character later.
  let again: { at: number; readonly sign: number } | undefined;
  while (at < characters.length) {
    if (signs[sign] === "*") {
      sign += 1;
      again = { at, sign };
    } else if (signs[sign] === "?" || (sign < signs.length && signs[sign] === characters[at])) {
      at += 1;
      sign += 1;
    } else if (again !== undefined) {
      again.at += 1;
      at = again.at;
      sign = again.sign;
    } else return false;
  }
  return signs.slice(sign).every((rest) => rest === "*");
}

/** Whether a text matches a comma-separated list, in which a pattern after `!` excludes what other patterns match. */
export function matchPatternList(text: string, list: string): boolean {
  const patterns = list.split(",");
  const negated = patterns.filter((pattern) => pattern.startsWith("!"));
  if (negated.some((pattern) => matchPattern(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matchPattern(text, pattern));
}
