import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../support/root";
import { markdownFiles } from "./markdown";

/** Words that make a text sound translated, and what to write. */
const WORDS: Readonly<Record<string, string>> = {
  anew: "again",
  beside: "with, next to",
  "by turns": "alternately",
  "go on": "continue, resume",
  "goes on": "continues, resumes",
  mend: "fix",
  mended: "fixed",
  "nobody outside": "an unprivileged user on the host",
  told: "reported, said",
  "up to now": "so far",
  "way back": "rollback",
};

/** The pages for users and contributors; decisions and the changelog are records. */
const PAGES = markdownFiles().filter((path) => !/^(CHANGELOG\.md|docs\/decisions\/|docs\/reference\/)/.test(path));

test.each(PAGES)("%s has no words that sound translated", (path) => {
  const text = readFileSync(join(root, path), "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  const found = Object.keys(WORDS).filter((word) => new RegExp(`\\b${word}\\b`, "i").test(text));
  expect(found.map((word) => `${word}: write ${WORDS[word]}`)).toEqual([]);
});
