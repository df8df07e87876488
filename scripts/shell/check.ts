import { ensureTools, lintLibraries, lintScript, misformatted, readLibraries } from "./lint";
import { rendered } from "./operations";

async function main(): Promise<number> {
  await ensureTools();
  const libraries = await readLibraries();
  const findings = [
    await lintLibraries(libraries),
    ...(await Promise.all(rendered().map((script) => lintScript(script, libraries)))),
  ].flat();
  for (const { path, line, code, message } of findings) console.error(`${path}:${line}: SC${code}: ${message}`);
  const patch = await misformatted(libraries);
  process.stderr.write(patch);
  return findings.length === 0 && patch === "" ? 0 : 1;
}

main()
  .catch((error: Error) => {
    console.error(error.message);
    return 1;
  })
  .then((status) => {
    process.exitCode = status;
  });
