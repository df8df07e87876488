/** What a run of the CLI printed, and whether it ended well. */
export interface Run {
  readonly ok: boolean;
  readonly text: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** How many resources each operation met: `{ create: 2, same: 1 }`. */
  readonly changes: Readonly<Record<string, number>>;
}

/** A run that failed has neither outputs nor changes: a test that asks for them is shown why. */
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
