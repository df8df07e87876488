import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ensurePulumi } from "../../scripts/tools/pulumi";
import { canRunHosts } from "./hosts";
import { root } from "./root";

/** What all tests share is made once, before any of them runs: the built package and the Pulumi CLI. */
export default async function setup(): Promise<void> {
  const possible = canRunHosts();
  if (!possible.ok) {
    // An error thrown here is shown with a stack, which hides its one line.
    console.error(`nothing was run: ${possible.reason}. \`npm run test:unit\` leaves out what needs hosts.`);
    process.exit(1);
  }
  execFileSync(process.execPath, ["scripts/ensure-dependencies.cjs", "--build"], { cwd: root, stdio: "inherit" });
  const { bin } = await ensurePulumi((line) => console.error(line));
  if (process.env.MEASURE_TESTS !== undefined) await countRuns(bin, process.env.MEASURE_TESTS);
}

/**
 * Puts a `pulumi` in front of the real one that adds each run to the costs of its test file
 * (`test/support/measurement.cjs`).
 */
async function countRuns(bin: string, directory: string): Promise<void> {
  const front = join(directory, "bin");
  await mkdir(front, { recursive: true });
  const script = `#!/bin/sh
[ -z "$MEASURE_FILE" ] || [ "$1" = version ] || echo 'run 1' >>"$MEASURE_FILE"
exec ${join(bin, "pulumi")} "$@"
`;
  process.env.MEASURE_PULUMI = bin;
  await writeFile(join(front, "pulumi"), script, { mode: 0o755 });
  process.env.PATH = [front, bin, process.env.PATH].join(delimiter);
}
