/** A small mistake in the code, as a person might make it, and the tests that must notice it. */
export interface Mutant {
  /** What is wrong while it is in place, as a sentence. */
  readonly name: string;
  readonly file: string;
  /** Text that appears in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** A test file of the hosts ring that fails with the mutant in place. @default the unit ring alone must notice it */
  readonly hosts?: string;
}

/**
 * The text of a file with a mutant in it.
 *
 * @throws Error if the file does not contain the text of the mutant exactly once.
 */
export function mutated(text: string, { name, file, find, replace }: Mutant): string {
  const pieces = text.split(find);
  if (pieces.length === 2) return pieces.join(replace);
  const times = pieces.length === 1 ? "is not in it" : `is in it ${pieces.length - 1} times`;
  throw new Error(`the list of mutants is out of date: ${file} has changed, and the text of "${name}" ${times}`);
}

/**
 * Groups of mutants that can be in place together: no two share a file or a test file. Those of `test/ssh` are kept
 * apart from the others, because a mutant in a connection breaks everything done over it.
 */
export function inGroups(mutants: readonly Mutant[], size: number): Mutant[][] {
  const groups: Mutant[][] = [];
  for (const mutant of mutants) {
    const meets = (other: Mutant) =>
      other.file === mutant.file || other.hosts === mutant.hosts || folderOf(other) !== folderOf(mutant);
    const group = groups.find((members) => members.length < size && !members.some(meets));
    if (group === undefined) groups.push([mutant]);
    else group.push(mutant);
  }
  return groups;
}

function folderOf({ hosts = "" }: Mutant): string {
  return hosts.split("/").slice(0, 2).join("/");
}
