import type { Writable } from "node:stream";
import type { OutputParser } from "../script/output-parser";
import type { Invocation } from "./command";

/** Writes the input of a command; the later part only when the command says that it is ready. */
export function writeInput(stdin: Writable, { opening, stdin: text }: Invocation, output: OutputParser): void {
  if (opening === undefined) {
    stdin.end(text);
    return;
  }
  stdin.write(opening);
  output.whenReady(() => stdin.end(text));
}
