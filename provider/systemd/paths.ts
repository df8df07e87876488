import { z } from "zod";
import { problemOf } from "./settings-file";

/** PATH_MAX of Linux, including the final NUL. */
const LONGEST = 4096;
/** NAME_MAX of Linux. systemd ignores a path with a longer name in it. */
const LONGEST_NAME = 255;

/**
 * An absolute path for a settings file: no `.` and `..`, nothing that a line cannot hold. Redundant slashes are
 * removed.
 */
export const absolutePath = z.string("a path is text").transform((text, context) => {
  const path = text.replace(/\/+/g, "/").replace(/(?<=.)\/$/s, "");
  const problem = problemOfPath(path);
  if (problem === undefined) return path;
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} ${problem}.` });
  return z.NEVER;
});

/** Why a path cannot be in a settings file, as the end of a sentence; `undefined` if it can. */
export function problemOfPath(path: string): string | undefined {
  if (!path.startsWith("/")) return 'is not an absolute path: it must begin with "/"';
  if (/[\u0000-\u001f\u007f]/.test(path)) return "contains a control character";
  if (path.split("/").some((part) => part === "." || part === "..")) {
    return 'has "." or ".." in it: write the resolved path';
  }
  if (Buffer.byteLength(path) >= LONGEST) return `is longer than ${LONGEST - 1} bytes`;
  if (path.split("/").some((part) => Buffer.byteLength(part) > LONGEST_NAME)) {
    return `has a name in it that is longer than ${LONGEST_NAME} bytes`;
  }
  return problemOf(path);
}

/** Whether a path is the same as another, or below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === "/" || path.startsWith(`${directory}/`);
}
