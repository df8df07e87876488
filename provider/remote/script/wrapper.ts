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
 * a bare exit status could also come from sudo, timeout or a login shell. A script that failed is followed by the state
 * of the file systems: a full one is the likely reason. At the deadline the outer shell survives
 * until the script has ended, so that `timeout -k` still kills a script that ignores SIGTERM.
 */
export function wrapScript(script: Script): string {
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
[ "$main_status" = 0 ] || answer_disks
printf '\n[".end","%s"]\n' "$main_status"
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

/** Reads one line of stdout; returns `undefined` for a line that is not the wrapper's. */
export function parseFrameMarker(line: string): FrameMarker | undefined {
  const [, at, value] = /^\["\.(ready|begin|end)","(\d+)"\]$/.exec(line) ?? [];
  return at === "ready" || at === "begin" || at === "end" ? { at, value: Number(value) } : undefined;
}
