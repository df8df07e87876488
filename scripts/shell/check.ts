import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureTools, lintLibraries, lintScript, misformatted } from "./lint";
import { operations, texts } from "./operations";

const root = join(__dirname, "../..");
/** Where shell stands in files of its own. */
const DIRECTORY = "provider/host/sh";

async function main(): Promise<number> {
  await ensureTools();
  const names = (await readdir(join(root, DIRECTORY))).filter((name) => name.endsWith(".sh")).sort();
  const paths = names.map((name) => `${DIRECTORY}/${name}`);
  const sources = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(root, path), "utf8") })),
  );
  const rendered = [
    ...Object.entries(operations()).map(([path, { body }]) => ({ path, text: body })),
    ...Object.entries(texts()).map(([path, text]) => ({ path, text })),
  ];
  const findings = [
    await lintLibraries(sources),
    ...(await Promise.all(rendered.map((script) => lintScript(script, sources)))),
  ].flat();
  for (const { path, line, code, message } of findings) console.error(`${path}:${line}: SC${code}: ${message}`);
  const patch = await misformatted(paths, root);
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
