import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The files that match an absolute glob(7) pattern, in order; none if nothing matches. */
export function globFiles(pattern: string): string[] {
  const [, ...segments] = pattern.split("/");
  return segments.reduce<string[]>((paths, segment) => paths.flatMap((path) => expand(path, segment)), ["/"]);
}

function expand(directory: string, segment: string): string[] {
  if (!/[*?[]/.test(segment)) {
    const path = join(directory, segment);
    return existsSync(path) ? [path] : [];
  }
  const matcher = toRegExp(segment);
  return entries(directory)
    .filter((name) => matcher.test(name) && (segment.startsWith(".") || !name.startsWith(".")))
    .sort()
    .map((name) => join(directory, name));
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function toRegExp(segment: string): RegExp {
  const source = segment.replace(/\[(!?)([^\]]+)\]|[*?]|[.+^${}()|[\]\\]/g, (part, negation?: string, set?: string) => {
    if (set !== undefined) return `[${negation ? "^" : ""}${set.replace(/[\\^]/g, "\\$&")}]`;
    if (part === "*") return ".*";
    return part === "?" ? "." : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
