import { type Entry, renderLine } from "./settings-file";
import { isContinued, type LogicalLine, logicalLines, type PhysicalLine, physicalLines } from "./settings-lines";

/** What becomes of an entry: it stays, goes, or gets another value. */
export type Verdict = "stays" | "goes" | { readonly value: string };

/** An edited file. */
export interface Edited {
  readonly text: string;
  /** The numbers of the lines that were added, from 1 as systemd counts them. */
  readonly added: readonly number[];
}

interface Placed {
  readonly entry: Entry;
  readonly verdict: Verdict;
  readonly indexes: readonly number[];
}

/**
 * Changes a settings file that a person wrote: entries that stay keep their lines, their order and the comments around
 * them. An added entry takes the place of one of its key that went, or else the end of its section.
 *
 * @throws RangeError for a section header that systemd does not read, and for text that no line can hold.
 */
export function editSettings(
  text: string,
  judge: (entry: Entry) => Verdict,
  additions: readonly Entry[],
): Edited & { readonly entries: readonly Entry[] } {
  const lines = physicalLines(text);
  const logical = logicalLines(lines);
  const placed = judged(logical, judge);
  const sheet = new Sheet(lines);
  for (const { entry, verdict, indexes } of placed) {
    if (verdict === "stays") continue;
    sheet.replace(indexes, verdict === "goes" ? [] : [renderLine({ ...entry, value: verdict.value })]);
  }
  const missing: Entry[] = [];
  for (const group of byKey(additions)) {
    const place = placeOf(group, placed) ?? endOf(group, logical);
    if (place === undefined) missing.push(...group);
    else sheet.addAfter(place, group.map(renderLine));
  }
  for (const section of new Set(missing.map((entry) => entry.section))) {
    sheet.addAtEnd([`[${section}]`, ...missing.filter((entry) => entry.section === section).map(renderLine)]);
  }
  const kept = placed.flatMap(({ entry, verdict }) => {
    if (verdict === "goes") return [];
    return verdict === "stays" ? [entry] : [{ ...entry, value: verdict.value }];
  });
  return { ...sheet.rendered(), entries: [...kept, ...additions] };
}

function judged(logical: readonly LogicalLine[], judge: (entry: Entry) => Verdict): Placed[] {
  let section: string | undefined;
  return logical.flatMap(({ head, entry: found, indexes }) => {
    section = head ?? section;
    if (found === undefined || section === undefined) return [];
    const [key, value] = found;
    const entry: Entry = { section, key, value };
    return [{ entry, verdict: judge(entry), indexes }];
  });
}

/** Where the last of its key was, if it went: one that stays after it could be a reset. */
function placeOf([first]: readonly Entry[], placed: readonly Placed[]): number | undefined {
  const last = placed.findLast(({ entry }) => entry.section === first?.section && entry.key === first.key);
  return last?.verdict === "goes" ? last.indexes.at(-1) : undefined;
}

/** The last line that means something in the last section of that name. */
function endOf([first]: readonly Entry[], logical: readonly LogicalLine[]): number | undefined {
  let section: string | undefined;
  let end: number | undefined;
  for (const { head, entry, indexes } of logical) {
    section = head ?? section;
    if (section === first?.section && (head ?? entry) !== undefined) end = indexes.at(-1);
  }
  return end;
}

function byKey(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = `${entry.section}.${entry.key}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()];
}

interface SheetLine {
  readonly text: string;
  readonly end: string;
  readonly isAdded: boolean;
}

/** The lines of a file while they are changed, by the indexes that they had. */
class Sheet {
  private readonly instead = new Map<number, readonly string[]>();
  private readonly after = new Map<number, string[]>();
  private readonly atEnd: string[][] = [];

  constructor(private readonly lines: readonly PhysicalLine[]) {}

  replace([first, ...others]: readonly number[], texts: readonly string[]): void {
    if (first !== undefined) this.instead.set(first, texts);
    for (const index of others) this.instead.set(index, []);
  }

  addAfter(index: number, texts: readonly string[]): void {
    this.after.set(index, [...(this.after.get(index) ?? []), ...texts]);
  }

  addAtEnd(texts: readonly string[]): void {
    this.atEnd.push([...texts]);
  }

  rendered(): Edited {
    const all = this.lines.flatMap((line, index) => [...this.itself(line, index), ...this.additionsAfter(index)]);
    for (const texts of this.atEnd) {
      // It separates, and ends a line that would continue.
      if (all.length > 0) all.push(added(""));
      all.push(...texts.map(added));
    }
    const ended = all.map((line, index) => (index < all.length - 1 && line.end === "" ? { ...line, end: "\n" } : line));
    return {
      text: ended.map(({ text, end }) => text + end).join(""),
      added: ended.flatMap(({ text, isAdded }, index) => (isAdded && text !== "" ? [index + 1] : [])),
    };
  }

  private itself(line: PhysicalLine, index: number): SheetLine[] {
    const texts = this.instead.get(index);
    if (texts === undefined) return [{ ...line, isAdded: false }];
    return texts.map((text) => ({ text, end: line.end, isAdded: false }));
  }

  private additionsAfter(index: number): SheetLine[] {
    const texts = this.after.get(index) ?? [];
    if (texts.length === 0) return [];
    const continues = !this.instead.has(index) && isContinued(this.lines[index]?.text ?? "");
    return [...(continues ? [""] : []), ...texts].map(added);
  }
}

const added = (text: string): SheetLine => ({ text, end: "\n", isAdded: true });
