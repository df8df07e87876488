/** Whether a text matches one pattern of ssh_config(5), PATTERNS: `*` matches any characters, `?` one. */
export function matchPattern(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

/** Whether a text matches a comma-separated list, in which a pattern after `!` excludes what other patterns match. */
export function matchPatternList(text: string, list: string): boolean {
  const patterns = list.split(",");
  const negated = patterns.filter((pattern) => pattern.startsWith("!"));
  if (negated.some((pattern) => matchPattern(text, pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matchPattern(text, pattern));
}
