import type { Log } from "../../scripts/tools/log";
import type { Figure } from "./figures";

export interface Settings {
  /** How often each thing is measured. */
  readonly rounds: number;
  readonly log: Log;
}

/** One question about speed, and the figures that answer it. */
export interface Bench {
  /** Its name on the command line. */
  readonly name: string;
  readonly about: string;
  readonly run: (settings: Settings) => Promise<Figure[]>;
}
