import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { tryCommand } from "../../../scripts/tools/command";
import { root } from "../../support/root";

describe("a rejection that nobody awaits", () => {
  const ignored = [
    `Object.assign(new Error("terminating"), { code: 1 })`,
    `Object.assign(new Error("terminating"), { code: 14 })`,
    `new Error("Channel has been shut down")`,
  ];
  const failing = [`new Error("terminating")`, `Object.assign(new Error("refused"), { code: 3 })`];

  let directory: string;
  /** Whether a test file passed, by the error that occurs during its test. */
  let passed: ReadonlyMap<string, boolean>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-environment-"));
    passed = await run([...ignored, ...failing]);
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** Runs a test file for each error, all by one Jest, since its start takes most of the time. */
  async function run(errors: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const names = new Map(errors.map((error, index) => [`rejected-${index}.test.js`, error]));
    for (const [name, error] of names) {
      const program = `test("ends well", async () => {
        Promise.reject(${error});
        await new Promise((resolve) => setTimeout(resolve, 50));
      });`;
      await writeFile(join(directory, name), program);
    }
    const config = { rootDir: directory, testEnvironment: join(root, "test", "support", "environment.cjs") };
    const jest = join(root, "node_modules", ".bin", "jest");
    const results = join(directory, "results.json");
    const options = ["--config", JSON.stringify(config), "--runInBand", "--json", "--outputFile", results];
    await tryCommand(jest, options, { cwd: directory });
    const { testResults } = resultsSchema.parse(JSON.parse(await readFile(results, "utf8")));
    return new Map(testResults.map(({ name, status }) => [names.get(basename(name)) ?? name, status === "passed"]));
  }

  test.each(ignored)("is ignored if an engine has ended: %s", (error) => {
    expect(passed.get(error)).toBe(true);
  });

  test.each(failing)("fails the test if it is any other: %s", (error) => {
    expect(passed.get(error)).toBe(false);
  });
});

const resultsSchema = z.object({ testResults: z.array(z.object({ name: z.string(), status: z.string() })) });
