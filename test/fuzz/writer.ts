import type fc from "fast-check";
import type { Oracles } from "./oracles";

/** A value that a writer took, and what it wrote for it. */
export interface Written<T, W> {
  readonly value: T;
  readonly written: W;
}

/** A function that writes text for another program, and that program as the judge. */
export interface WriterSpec<T, W> {
  readonly name: string;
  /** The functions under test. */
  readonly functions: string;
  /** The programs that read what is written. */
  readonly program: string;
  /** Whether the program runs on a disposable host, or on any machine with it. */
  readonly where: "anywhere" | "host";
  /** Its cases in a whole run: many where one start of the program reads many. */
  readonly share: number;
  /** How many values the program reads at once. */
  readonly batch: number;
  readonly values: fc.Arbitrary<T>;
  /** Throws what a user would see if it refuses the value. */
  readonly write: (value: T) => W;
  /** How what the program read differs, for each of the values; `undefined` if it does not. */
  readonly differences: (batch: readonly Written<T, W>[], oracles: Oracles) => Promise<readonly (string | undefined)[]>;
}
