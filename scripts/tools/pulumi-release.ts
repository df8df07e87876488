/** Fills `bin` of a directory with the release that belongs to the installed SDK; returns why it could not, in one line. */
export async function installRelease(directory: string): Promise<string | undefined> {
  try {
    // It takes a second to load, and is needed here alone.
    const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
    await PulumiCommand.install({ root: directory });
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.trim().split("\n").at(-1) || "it said nothing";
  }
}
