/** A host goes away with this process, but not what runs on this machine. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Does some work, and disposes of what it needs when it ends, or when this process is interrupted and then ends too. */
export async function disposing(
  needed: { dispose(): Promise<void> },
  work: (isInterrupted: () => boolean) => Promise<void>,
): Promise<void> {
  let isInterrupted = false;
  const interrupted = () => {
    isInterrupted = true;
    void needed.dispose().finally(() => process.exit(130));
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    await work(() => isInterrupted);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    if (!isInterrupted) await needed.dispose();
  }
}
