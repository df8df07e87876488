import { type Answer, first } from "../../remote";

/** What the record in a root says about packages that are no longer asked for, as lines for the row of the resource. */
const NOTES: Readonly<Record<string, string>> = {
  removed: "removed",
  kept: "no longer asked for, but kept because something needs it, or because it is held",
};

/** A guest may have made the list. */
const LONGEST = 2000;

/** The lines that stay in the row when packages have changed, from what `changeRoot` answers. */
export function packageNotes(answers: readonly Answer[]): string[] {
  const record = (first(answers, "packages") ?? "").split("\n").map((line) => line.split(" "));
  return Object.entries(NOTES).flatMap(([word, meaning]) => {
    const names = record.flatMap(([found, name]) => (found === word && name !== undefined ? [name] : []));
    return names.length === 0 ? [] : [`${meaning}: ${names.join(", ").slice(0, LONGEST)}`];
  });
}
