import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import MarkdownIt from "markdown-it";
import { root } from "../../support/root";

const parser = new MarkdownIt();

/** Every Markdown file of the repository, by its path in it. */
export function markdownFiles(directory = root): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.name.startsWith(".") || ["node_modules", "dist"].includes(entry.name)) return [];
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith(".md") ? [relative(root, path)] : [];
  });
}

function tokensOf(path: string) {
  return parser.parse(readFileSync(join(root, path), "utf8"), {});
}

/** The targets of the links and pictures of a file, as written there. */
export function linksOf(path: string): string[] {
  const inline = tokensOf(path).flatMap(({ children }) => children ?? []);
  const targets = inline.map((token) => token.attrGet("href") ?? token.attrGet("src"));
  return targets.flatMap((target) => (target === null ? [] : [`${target}`]));
}

/** The headings of a file, without their formatting. */
export function headingsOf(path: string): { readonly level: number; readonly text: string }[] {
  const tokens = tokensOf(path);
  return tokens.flatMap(({ type, tag }, index) => {
    if (type !== "heading_open") return [];
    const text = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join("");
    return [{ level: Number(tag.slice(1)), text }];
  });
}

/** The anchors of a file's headings, as GitHub makes them. */
export function anchorsOf(path: string): string[] {
  const seen = new Map<string, number>();
  return headingsOf(path).map(({ text }) => {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** A block of code between fences. */
export interface Block {
  readonly path: string;
  /** The number of its first line in the file, from 1 on. */
  readonly line: number;
  /** The heading above it. */
  readonly section: string;
  readonly language: string;
  readonly text: string;
}

/** The blocks of code of a file, in their order. */
export function blocksOf(path: string): Block[] {
  const tokens = tokensOf(path);
  return tokens.flatMap((token, index) => {
    if (token.type !== "fence") return [];
    const heading = tokens.slice(0, index).findLastIndex(({ type }) => type === "heading_open");
    const section = tokens[heading + 1]?.content ?? "";
    return [{ path, line: (token.map?.[0] ?? 0) + 2, section, language: token.info.trim(), text: token.content }];
  });
}
