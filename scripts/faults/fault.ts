/** A small fault, as a person might make it, and the tests that must notice it. */
export interface Fault {
  /** What is wrong while it is in place, as a sentence. */
  readonly name: string;
  readonly file: string;
  /** Text that appears in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** A test file of the hosts ring that fails with the fault in place. @default the unit ring alone must notice it */
  readonly hosts?: string;
}

/**
 * The text of a file with a fault in it.
 *
 * @throws Error if the file does not contain the text of the fault exactly once.
 */
export function faulty(text: string, { name, file, find, replace }: Fault): string {
  const pieces = text.split(find);
  if (pieces.length === 2) return pieces.join(replace);
  const times = pieces.length === 1 ? "is not in it" : `is in it ${pieces.length - 1} times`;
  throw new Error(`the list of faults is out of date: ${file} has changed, and the text of "${name}" ${times}`);
}

/**
 * Groups of faults that can be in place together: no two share a file or a test file. Those of `test/ssh` are kept
 * apart from the others, because a fault in a connection breaks everything done over it.
 */
export function inGroups(faults: readonly Fault[], size: number): Fault[][] {
  const groups: Fault[][] = [];
  for (const fault of faults) {
    const meets = (other: Fault) =>
      other.file === fault.file || other.hosts === fault.hosts || folderOf(other) !== folderOf(fault);
    const group = groups.find((members) => members.length < size && !members.some(meets));
    if (group === undefined) groups.push([fault]);
    else group.push(fault);
  }
  return groups;
}

function folderOf({ hosts = "" }: Fault): string {
  return hosts.split("/").slice(0, 2).join("/");
}
