import { createHash } from "node:crypto";
import { diffArrays } from "diff/lib/diff/array.js";
import type { Answer } from "../remote";
import type { Files } from "./files";

/** The differences between an owner's wanted files and those that `files_answer KEY NAME` reported, by path. */
export function fileDrift(files: Files, answers: readonly Answer[], key: string, name: string): Record<string, string> {
  const drift: Record<string, string> = {};
  for (const [path, { text, secret }] of files) {
    const found = answers.find(
      (answer) => answer.key === key && answer.values[0] === name && answer.values[1] === path,
    );
    if (found?.values[2] === createHash("sha256").update(text).digest("hex")) continue;
    if (found === undefined) drift[path] = "missing";
    else drift[path] = secret ? "its text differs" : difference(text, found.values[3] ?? "");
  }
  return drift;
}

/** The lines that go and come between two texts, as a user reads them in a patch. */
export function difference(wanted: string, found: string): string {
  return lineDifference(wanted.split("\n"), found.split("\n"));
}

/** The same of lists of lines. */
export function lineDifference(wanted: readonly string[], found: readonly string[]): string {
  return diffArrays([...wanted], [...found])
    .flatMap(({ value, added, removed }) =>
      added || removed ? value.map((line) => `${added ? "+" : "-"}${line}`) : [],
    )
    .join("\n");
}
