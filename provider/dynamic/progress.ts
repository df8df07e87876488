import { sendStatus } from "./messages";
import { writesToTerminal } from "./terminal";

const TERMINAL_MS = 250;
/** Elsewhere, as in the log of a CI job, each text is a line of its own. */
const LINES_MS = 5000;

/** The row of a resource in the CLI's display. */
interface Row {
  text: string;
  shownAt: number;
  /** Shows the newest text when the last one has stood long enough. */
  later?: NodeJS.Timeout | undefined;
}

const rows = new Map<string, Row>();
let interval: number | undefined;

/** Replaces the text in a resource's own row, at once or when the last one has stood long enough. */
export function progress(urn: string, text: string): void {
  interval ??= writesToTerminal(process.ppid) ? TERMINAL_MS : LINES_MS;
  const row = rows.get(urn) ?? { text, shownAt: Number.NEGATIVE_INFINITY };
  rows.set(urn, row);
  row.text = text;
  if (row.later !== undefined) return;
  const rest = row.shownAt + interval - Date.now();
  if (rest <= 0) show(urn, row);
  else row.later = setTimeout(() => show(urn, row), rest).unref();
}

function show(urn: string, row: Row): void {
  row.later = undefined;
  row.shownAt = Date.now();
  sendStatus(urn, row.text);
}

/** Clears the text in a resource's row, which would otherwise stay next to "created". */
export function clearStatus(urn: string): void {
  const row = rows.get(urn);
  if (row === undefined) return;
  clearTimeout(row.later);
  rows.delete(urn);
  sendStatus(urn, "");
}
