import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMeasurements } from "./costs";
import { withCosts } from "./page";

const root = join(__dirname, "../..");
const tests = join(root, "test");

/**
 * Runs all tests and records what each file costs: `test/costs.json` orders the next run, `test/README.md` shows it.
 */
async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-costs-"));
  try {
    const env = { ...process.env, MEASURE_TESTS: directory };
    const { status } = spawnSync("npm", ["run", "--silent", "test:all"], { cwd: root, env, stdio: "inherit" });
    if (status !== 0) throw new Error("not all tests passed: their costs were not recorded");
    const costs = await readMeasurements(directory, tests);
    await writeFile(join(tests, "costs.json"), `${JSON.stringify(costs, undefined, 2)}\n`);
    const page = join(tests, "README.md");
    await writeFile(page, withCosts(await readFile(page, "utf8"), costs));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
