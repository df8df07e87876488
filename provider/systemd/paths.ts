import { z } from "zod";
import { problemOf } from "./settings-file";

/** PATH_MAX of Linux, with the NUL at its end. */
const LONGEST = 4096;

/**
 * An absolute path as it stands in a settings file: no `.` and `..`, nothing that a line cannot hold. Slashes too many are dropped.
 */
export const absolutePath = z.string("a path is text").transform((text, context) => {
  const path = text.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "");
  const problem = problemOfPath(path);
  if (problem === undefined) return path;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} ${problem}.` });
  return z.NEVER;
});

/** Why a path cannot stand in a settings file, as the end of a sentence; `undefined` where it can. */
export function problemOfPath(path: string): string | undefined {
  if (!path.startsWith("/")) return 'is not an absolute path: it begins with "/"';
  if (/[\u0000-\u001f\u007f]/.test(path)) return "holds a control character";
  if (path.split("/").some((part) => part === "." || part === "..")) {
    return 'has "." or ".." in it: write the path that is meant';
  }
  if (Buffer.byteLength(path) >= LONGEST) return `is longer than ${LONGEST - 1} bytes`;
  return problemOf(path);
}

/** Whether a path is another one or below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}
