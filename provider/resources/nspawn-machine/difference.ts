/** The lines that only one of two texts has, as a user would read them in a patch. */
export function difference(wanted: string, found: string): string {
  const before = wanted.split("\n");
  const after = found.split("\n");
  const lost = before.filter((line) => !after.includes(line)).map((line) => `-${line}`);
  const added = after.filter((line) => !before.includes(line)).map((line) => `+${line}`);
  return [...lost, ...added].join("\n") || "the order of its lines";
}
