import { prelude } from "./answers";
import { type Script, sh, withLibraries } from "./script";

/** Exit status with which an operation ends where it is not root: EX_NOPERM of sysexits.h. */
export const NOT_ROOT = 77;

/** Exit status with which an operation ends that was stopped at its deadline, as timeout(1) itself does. */
export const TIMED_OUT = 124;

/**
 * The text that goes to the stdin of `sh`.
 *
 * It stands in braces as a whole, and a shell reads up to the closing one before it runs anything: a text that was cut
 * off on its way never runs. A command that fails ends the script (`set -eu`). The script reads from /dev/null, so that
 * no command can eat the rest. A first and a last line of output tell as whom it began and with which status it ended:
 * a bare exit status could as well be that of sudo, timeout or a login shell. At the deadline the outer shell lives on
 * until the script has ended, so that `timeout -k` still kills a script that ignores SIGTERM.
 */
export function envelope(script: Script): string {
  return sh`{
printf '\n[".begin","%s"]\n' "$(id -u)"
[ "$(id -u)" = 0 ] || exit ${NOT_ROOT}
main_stopped=
trap 'main_stopped=yes' TERM
${prelude}
main() {
:
${withLibraries(script)}
}
( set -eu; main ) </dev/null
main_status=$?
[ -z "$main_stopped" ] || exit ${TIMED_OUT}
printf '\n[".end","%s"]\n' "$main_status"
exit "$main_status"
}
`.text;
}

/** What the envelope's own lines tell. */
export interface Mark {
  readonly at: "ready" | "begin" | "end";
  /** The user id at the beginning, the exit status at the end, else nothing. */
  readonly value: number;
}

/** Reads one line of stdout; a line that is not the envelope's is `undefined`. */
export function parseMark(line: string): Mark | undefined {
  const [, at, value] = /^\["\.(ready|begin|end)","(\d+)"\]$/.exec(line) ?? [];
  return at === "ready" || at === "begin" || at === "end" ? { at, value: Number(value) } : undefined;
}
