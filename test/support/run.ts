/** The output of a run of the CLI, and whether it succeeded. */
export interface Run {
  readonly ok: boolean;
  readonly text: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** How many resources each operation had: `{ create: 2, same: 1 }`. */
  readonly changes: Readonly<Record<string, number>>;
}

/** A failed run has neither outputs nor changes: a test that reads them is shown why. */
export function failedRun(text: string): Run {
  const missing = (what: string): never => {
    throw new Error(`this run of the CLI failed and has no ${what}:\n${text}`);
  };
  return {
    ok: false,
    text,
    get outputs() {
      return missing("outputs");
    },
    get changes() {
      return missing("changes");
    },
  };
}
