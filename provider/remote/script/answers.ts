import { join } from "node:path";
import { disksLibrary } from "./disks";
import { readLibrary } from "./library";
import { type Script, sh, withLibraries } from "./script";

/** One line that a script answered: a key and its values, decoded. */
export interface Answer {
  readonly key: string;
  readonly values: readonly string[];
}

const answersLibrary = { ...readLibrary(join(__dirname, "answers.sh")), needs: [disksLibrary] };
const functions = withLibraries(sh``.with(() => [answersLibrary]));

/**
 * The beginning of every script: its environment, and the functions that it can call, those of `answers.sh` and
 * `disks.sh`.
 */
export const prelude: Script = sh`
LC_ALL=C; export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
umask 022
${functions}
`;

/** The exit status of a script that refused: EX_DATAERR of sysexits.h. */
export const REFUSED = 65;

/**
 * Reads one line; returns `undefined` for a line that is not an answer, such as a command's own chatter. `mark` is what an
 * answer of this run begins with; a guest's and a job's have none.
 */
export function parseAnswer(line: string, mark = ""): Answer | undefined {
  if (!line.startsWith(`${mark}[`)) return undefined;
  let items: unknown;
  try {
    items = JSON.parse(line.slice(mark.length));
  } catch {
    return undefined;
  }
  if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) return undefined;
  const [key = "", ...values] = items;
  return { key, values: values.map((value) => Buffer.from(value, "base64").toString("utf8")) };
}

/** The first value of the first answer with this key. */
export function first(answers: readonly Answer[], key: string): string | undefined {
  return answers.find((answer) => answer.key === key)?.values[0];
}
