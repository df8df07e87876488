import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The name and the text of a file of shell functions. */
export function readLibrary(path: string): { readonly name: string; readonly text: string } {
  return { name: basename(path, ".sh"), text: withoutComments(readFileSync(path, "utf8")) };
}

/** Comment lines are only for readers of the files. */
export function withoutComments(text: string): string {
  return text.replace(/^\s*#.*\n/gm, "");
}
