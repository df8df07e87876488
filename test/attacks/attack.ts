/** What root inside a machine does against the host, and how it shows whether something got through. */
export interface Attack<Ground> {
  /** A sentence that begins with "a guest": the title of its test. */
  readonly name: string;
  /** What root inside the machine does. */
  readonly tries: string;
  /** What comes of it as long as it is held. */
  readonly held: string;
  /** Its outcome depends on the systemd or the tools of the host, so tests run it on each generation. */
  readonly ofGenerations?: boolean;
  /** It takes long, or is a relative of another one: `npm run attack` runs it, and the tests do not. */
  readonly isLong?: boolean;
  readonly prepare?: (ground: Ground) => Promise<void>;
  /** Acts as the provider, and throws if something got through. What it measured, if anything, it returns as text. */
  readonly verdict: (ground: Ground) => Promise<unknown>;
  readonly undo?: (ground: Ground) => Promise<void>;
}

/** Runs one attack; whatever comes of it, its preparation is undone. */
export async function launch<Ground>(attack: Attack<Ground>, ground: Ground): Promise<string | undefined> {
  try {
    await attack.prepare?.(ground);
    const found = await attack.verdict(ground);
    return typeof found === "string" ? found : undefined;
  } finally {
    await attack.undo?.(ground);
  }
}
