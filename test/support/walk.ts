const UP = ["up", "--yes", "--skip-preview"];

/** Makes what a program describes, uses it, checks that nothing is left to do and nothing drifts, and removes it. */
export async function walkThrough(
  pulumi: (...args: string[]) => Promise<string>,
  use: () => Promise<void>,
): Promise<void> {
  expect(await pulumi(...UP)).not.toMatch(/warning:/);
  await use();
  await pulumi(...UP, "--expect-no-changes");
  await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  await pulumi("destroy", "--yes", "--skip-preview");
}
