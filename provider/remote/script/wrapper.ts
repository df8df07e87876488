import { prelude } from "./answers";
import { type Script, sh, withLibraries } from "./script";

/** The exit status of an operation that is not root: EX_NOPERM of sysexits.h. */
export const NOT_ROOT = 77;

/** The exit status of an operation that was stopped at its deadline, the same as that of timeout(1). */
export const TIMED_OUT = 124;

/**
 * The text that goes to the stdin of `sh`.
 *
 * All of it is in braces, and a shell reads up to the closing brace before it runs anything: a text that was truncated
 * on the way never runs. A failing command ends the script (`set -eu`). The script reads from /dev/null, so that no
 * command can consume the rest. The first and last lines of output say as whom it began and with which status it ended:
 * a bare exit status could also come from sudo, timeout or a login shell. The mark of the run is before these lines and
 * all answers: it is only in this text and in a variable of this shell, so no other program can print it. A script that
 * failed is followed by the state of the file systems: a full one is the likely reason. At the deadline the outer shell
 * survives until the script has ended, so that `timeout -k` still kills a script that ignores SIGTERM.
 */
export function wrapScript(script: Script, mark: string): string {
  return sh`{
unset answer_mark
answer_mark=${mark}
printf '\n%s[".begin","%s"]\n' "$answer_mark" "$(id -u)"
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
[ "$main_status" = 0 ] || answer_disks
printf '\n%s[".end","%s"]\n' "$answer_mark" "$main_status"
exit "$main_status"
}
`.text;
}

/** The content of the wrapper's own lines. */
export interface FrameMarker {
  readonly at: "ready" | "begin" | "end";
  /** The user ID at the beginning, the exit status at the end, otherwise nothing. */
  readonly value: number;
}

/**
 * Reads one line of stdout; returns `undefined` for a line that is not the wrapper's. Only `ready` comes from a command
 * line, which everyone on a host can read: it has no mark, and nothing depends on it except when input is sent.
 */
export function parseFrameMarker(line: string, mark: string): FrameMarker | undefined {
  if (line === '[".ready","0"]') return { at: "ready", value: 0 };
  if (!line.startsWith(mark)) return undefined;
  const [, at, value] = /^\["\.(begin|end)","(\d+)"\]$/.exec(line.slice(mark.length)) ?? [];
  return at === "begin" || at === "end" ? { at, value: Number(value) } : undefined;
}
