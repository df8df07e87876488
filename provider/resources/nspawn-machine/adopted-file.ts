import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ItemsOf } from "../../systemd/entry-items";
import { renderNspawnFile } from "../../systemd/nspawn-file";
import { editSettings, type Verdict } from "../../systemd/settings-editor";
import { type Entry, RESET } from "../../systemd/settings-file";
import { parseEntries } from "../../systemd/settings-parser";

/** What a machine had when it was adopted, and which inputs the program gives. Everything else stays as it was. */
export const adoptedSchema = z.strictObject({
  /** Its `.nspawn` file; empty if it had none. */
  text: z.string(),
  running: z.boolean(),
  autostart: z.boolean(),
  given: z.array(z.string()),
  /**
   * What the file has and the program has set since, as `environment A` or `networks [Files] Bind=/a`: it goes when the
   * program drops it.
   */
  taken: z.array(z.string()).default([]),
  /** Lines of the file that the program leaves out. */
  without: z.array(z.string()).default([]),
});
export type Adopted = z.infer<typeof adoptedSchema>;

/** How an input's entries meet those of an adopted file. */
export interface Meeting {
  /** The name of the input. */
  readonly input: string;
  /** Keys, such as `Exec.Hostname` or `Network.*`, whose entries go if the input is given. */
  readonly keys: readonly string[];
  /** How values list things: those that the program does not name stay. */
  readonly items: ItemsOf | undefined;
  readonly entries: readonly Entry[];
}

/** The `.nspawn` file of an adopted machine. */
export interface AdoptedFile {
  /** `undefined` if there is nothing to write. */
  readonly text: string | undefined;
  /** The numbers of the lines that the program wrote, from 1. */
  readonly added: readonly number[];
}

/**
 * The machine's own file, changed only where an input says something else: comments, order and everything that no input
 * names stay. If the inputs say what the file says, the text stays the same.
 */
export function adoptedFile(adopted: Adopted, meetings: readonly Meeting[]): AdoptedFile {
  const { text } = adopted;
  const ours = meetings.flatMap(({ entries }) => entries);
  const taken = new Set([...adopted.taken, ...meetings.flatMap(namesIn)]);
  const judge = (entry: Entry): Verdict =>
    isLeftOut(entry, adopted.without) ? "goes" : verdictOf(entry, meetings, taken);
  const { entries, ...edited } = editSettings(text, judge, ours);
  const unchanged = isDeepStrictEqual(meaningOf(entries, meetings), meaningOf(parseEntries(text), meetings));
  if (unchanged) return { text: text === "" ? undefined : text, added: [] };
  if (entries.length === 0) return { text: undefined, added: [] };
  return text === "" ? ourOwn(withLink(entries)) : edited;
}

/** What the program's inputs name of what the file lists, in addition to what they named before. */
export function takenBy(adopted: Adopted, meetings: readonly Meeting[]): string[] {
  const listed = new Set(
    parseEntries(adopted.text).flatMap((entry) => meetings.flatMap((meeting) => namesOf(entry, meeting))),
  );
  const named = meetings.flatMap(namesIn).filter((name) => listed.has(name));
  return [...new Set([...adopted.taken, ...named])].sort();
}

/** The entries of the file as `Key=Value`. */
export function linesOf({ text }: Adopted): string[] {
  return parseEntries(text).map(lineOf);
}

/** Lines to leave out that the file does not have. */
export function unknownLines({ text, without }: Adopted): string[] {
  const entries = parseEntries(text);
  return without.filter((line) => !entries.some((entry) => isLeftOut(entry, [line])));
}

/** A line is `Key=Value`, or a key alone for all of its lines. */
function isLeftOut(entry: Entry, without: readonly string[]): boolean {
  return without.some((line) => [entry.key, lineOf(entry)].includes(line.trim()));
}

function lineOf({ key, value }: Entry): string {
  return `${key}=${value === RESET ? "" : value}`;
}

function namesIn(meeting: Meeting): string[] {
  return meeting.entries.flatMap((entry) => namesOf(entry, meeting));
}

/** What an input may take over of an entry: what it lists, or the very line, such as that of a file of a network. */
function namesOf(entry: Entry, { input, items }: Meeting): string[] {
  return [...(items?.(entry) ?? []).map(({ name }) => `${input} ${name}`), wholeName(entry, input)];
}

function wholeName(entry: Entry, input: string): string {
  return `${input} [${entry.section}] ${lineOf(entry)}`;
}

function verdictOf(entry: Entry, meetings: readonly Meeting[], taken: ReadonlySet<string>): Verdict {
  const { section, key } = entry;
  if (meetings.some(({ keys }) => keys.includes(`${section}.${key}`) || keys.includes(`${section}.*`))) return "goes";
  for (const { input, items } of meetings) {
    if (taken.has(wholeName(entry, input))) return "goes";
    const listed = items?.(entry) ?? [];
    const kept = listed.filter(({ name }) => !taken.has(`${input} ${name}`));
    if (kept.length === listed.length) continue;
    return kept.length === 0 ? "goes" : { value: kept.map(({ text }) => text).join(" ") };
  }
  return "stays";
}

/** Values in their order, those that list things one by one; the order of keys means nothing to systemd. */
function meaningOf(entries: readonly Entry[], meetings: readonly Meeting[]): Map<string, Entry["value"][]> {
  const found = new Map<string, Entry["value"][]>();
  for (const entry of entries) {
    const name = `${entry.section}.${entry.key}`;
    const items = meetings.map(({ items }) => items?.(entry)).find((listed) => listed !== undefined);
    const values: Entry["value"][] = items?.map(({ text }) => text) ?? [entry.value];
    found.set(name, [...(found.get(name) ?? []), ...values]);
  }
  return found;
}

/** A machine without a file gets one of ours. */
function ourOwn(entries: readonly Entry[]): AdoptedFile {
  const text = renderNspawnFile(entries);
  return { text, added: text.split("\n").map((_, index) => index + 1) };
}

/**
 * Before systemd 250, a file without a network key removes CAP_NET_ADMIN (systemd issue 12313), so the unit's own is
 * written into a new one.
 */
function withLink(entries: readonly Entry[]): Entry[] {
  if (entries.some(({ section }) => section === "Network")) return [...entries];
  return [...entries, { section: "Network", key: "VirtualEthernet", value: "yes" }];
}
