import ts from "typescript";

/** Words that make a text sound translated, and what to write. */
const WORDS: Readonly<Record<string, string>> = {
  anew: "again",
  beside: "with, next to",
  "by turns": "alternately",
  "go on": "continue, resume",
  "goes on": "continues, resumes",
  "it is no matter": "it does not matter",
  mend: "fix",
  mended: "fixed",
  mends: "fixes",
  "nobody outside": "an unprivileged user on the host",
  told: "reported, said",
  "up to now": "so far",
  "way back": "rollback",
};

const PATTERNS = Object.entries(WORDS).map(([word, better]) => ({
  word,
  better,
  pattern: new RegExp(`\\b${word.replaceAll(" ", "\\s+(?:[*#]\\s+|//\\s+)?")}\\b`, "gi"),
}));

/** A piece of text that people read, and where it begins in its file. */
interface Prose {
  readonly text: string;
  /** Characters before it. */
  readonly offset: number;
}

/** A word to replace. */
export interface Complaint {
  readonly line: number;
  readonly message: string;
}

/** Complaints about the prose of a file. */
export function complaintsAbout(path: string, text: string): Complaint[] {
  return proseOf(path, text).flatMap((prose) =>
    PATTERNS.flatMap(({ word, better, pattern }) =>
      [...prose.text.matchAll(pattern)].map(({ index }) => ({
        line: text.slice(0, prose.offset + index).split("\n").length,
        message: `"${word}": write ${better}`,
      })),
    ),
  );
}

/** What people read of a file: Markdown without its code, comments of shell, comments and sentences of TypeScript. */
function proseOf(path: string, text: string): Prose[] {
  if (path.endsWith(".md")) return [{ text: text.replace(/^```[\s\S]*?^```$/gm, blank), offset: 0 }];
  if (path.endsWith(".sh")) return [...text.matchAll(/^\s*#.*$/gm)].map((one) => ({ text: one[0], offset: one.index }));
  return proseOfTypeScript(path, text);
}

/** Keeps the lines of what is left out. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

function proseOfTypeScript(path: string, text: string): Prose[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = new Map<number, Prose>();
  const add = (start: number, end: number) => found.set(start, { text: text.slice(start, end), offset: start });
  const visit = (node: ts.Node) => {
    for (const { pos, end } of [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ])
      add(pos, end);
    if (isText(node) && isSentence(node.getText(source))) add(node.getStart(source), node.end);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()];
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateLiteralToken(node);
}

/** Not an identifier, a path, or a line of shell. */
function isSentence(text: string): boolean {
  return text.split(/\s+/).length > 3;
}
