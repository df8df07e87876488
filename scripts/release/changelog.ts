/**
 * A changelog (Keep a Changelog) in which the unreleased changes become a release.
 *
 * @throws Error if nothing is unreleased.
 */
export function released(changelog: string, version: string, date: string): string {
  const heading = "## [Unreleased]\n";
  const [before, after] = split(changelog, heading);
  const unreleased = after.split(/^## /m)[0] ?? "";
  if (!/^[-*] /m.test(unreleased))
    throw new Error("CHANGELOG.md has nothing under Unreleased: describe the changes there");
  return `${before}${heading}\n## [${version}] - ${date}\n${after}`;
}

function split(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  if (at < 0) throw new Error(`CHANGELOG.md has no line "${by.trim()}"`);
  return [text.slice(0, at), text.slice(at + by.length)];
}
