import { type Script, sh } from "./script";

/** One line that a script answered: a key and its values, decoded. */
export interface Answer {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Shell functions that every script can call.
 *
 * `answer KEY VALUE…` and `answer_file KEY NAME PATH` print one line of JSON on stdout; values travel as base64, so
 * that nothing on a host can break the line. `refuse CODE DETAIL…` says why the script will not continue, and ends it.
 */
export const prelude: Script = sh`
LC_ALL=C; export LC_ALL
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
umask 022
answer() {
  answer_line="[\"$1\""; shift
  for answer_value; do answer_line="$answer_line,\"$(printf %s "$answer_value" | base64 -w 0)\""; done
  printf '%s]\n' "$answer_line"
}
answer_file() { printf '["%s","%s","%s"]\n' "$1" "$(printf %s "$2" | base64 -w 0)" "$(base64 -w 0 <"$3")"; }
refuse() { answer refused "$@"; exit ${65}; }
`;

/** The exit status of a script that refused: EX_DATAERR of sysexits.h. */
export const REFUSED = 65;

/** Reads one line of stdout; returns `undefined` for a line that is not an answer (a command's own chatter). */
export function parseAnswer(line: string): Answer | undefined {
  if (!line.startsWith("[")) return undefined;
  let items: unknown;
  try {
    items = JSON.parse(line);
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
