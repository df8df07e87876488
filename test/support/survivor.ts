import { type Script, sh } from "../../provider/remote";

/** How long a process that must be ended would live; no other process on any machine sleeps for exactly as long. */
const SECONDS = `${1_000_000 + process.pid}`;
const PATTERN = `^sleep ${SECONDS}$`;

/** Starts a process that does not end by itself. */
export const survivor: Script = sh`sh -c ${`sleep ${SECONDS}; :`} &`;

/** Waits until no such process is left. */
export const untilSurvivorsAreGone: Script = sh`while pgrep -f ${PATTERN} >/dev/null; do sleep 0.05; done`;

export const endSurvivors: Script = sh`pkill -f ${PATTERN}`;
