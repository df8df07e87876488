import { styleText } from "node:util";
import { duration } from "../tools/log";

/** Runs one step of a walk: prints its title, and at the end how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  console.log(`\n${paint("bold", `▸ ${title}`)}`);
  try {
    const result = await work();
    console.log(paint("green", `  ✓ ${duration(Date.now() - started)}`));
    return result;
  } catch (error) {
    console.log(paint("red", `  ✗ ${duration(Date.now() - started)}`));
    throw error;
  }
}

/** Uses colours only on a terminal. */
export function paint(style: "bold" | "green" | "red" | "dim", text: string): string {
  return process.stdout.isTTY && process.env.NO_COLOR === undefined ? styleText(style, text) : text;
}

/** Shows lines below the title of a step. */
export function show(text: string): void {
  for (const line of text.trimEnd().split("\n")) console.log(`    ${line}`);
}

/** Does the same for a tool's progress messages. */
export function say(line: string): void {
  console.log(paint("dim", `    ${line}`));
}
