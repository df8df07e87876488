/** How the lines of a guest begin in output that also has the host's own (`guest_run log`). */
const GUEST_LINE = "guest| ";

/** The lines that the host itself printed, without a guest's. */
export function hostLines(text: string): string {
  return linesOf(text, (line) => !line.startsWith(GUEST_LINE));
}

/** The lines that a guest printed, as it did. */
export function guestLines(text: string): string {
  return plainLines(linesOf(text, (line) => line.startsWith(GUEST_LINE)));
}

/** All lines for people to read: a guest's without their beginning. */
export function plainLines(text: string): string {
  return text.replace(/^guest\| /gm, "");
}

function linesOf(text: string, taken: (line: string) => boolean): string {
  return text.split("\n").filter(taken).join("\n");
}
