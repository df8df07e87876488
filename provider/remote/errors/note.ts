import { visible } from "./visible";

let show = (text: string): void => console.warn(text);

/** Sets who shows notes to the user; until then they go to stderr. */
export function showNotes(listener: (text: string) => void): void {
  show = listener;
}

/** Shows something about this machine, rather than a host, that the user should know and that is no error. */
export function note(text: string): void {
  show(visible(text));
}
