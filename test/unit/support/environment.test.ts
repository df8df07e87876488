import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryCommand } from "../../../scripts/tools/command";
import { root } from "../../support/root";

describe("a rejection that nobody awaits", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "pulumi-nspawn-environment-"));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Runs a test during which this error occurs, and returns the exit status of its run. */
  async function statusOf(error: string): Promise<number> {
    const program = `test("ends well", async () => {
      Promise.reject(${error});
      await new Promise((resolve) => setTimeout(resolve, 50));
    });`;
    await writeFile(join(directory, "rejected.test.js"), program);
    const config = { rootDir: directory, testEnvironment: join(root, "test", "support", "environment.cjs") };
    const jest = join(root, "node_modules", ".bin", "jest");
    return (await tryCommand(jest, ["--config", JSON.stringify(config)], { cwd: directory })).exitCode;
  }

  test.each([
    `Object.assign(new Error("terminating"), { code: 1 })`,
    `Object.assign(new Error("terminating"), { code: 14 })`,
    `new Error("Channel has been shut down")`,
  ])("is ignored if an engine has ended: %s", async (error) => {
    expect(await statusOf(error)).toBe(0);
  });

  test.each([`new Error("terminating")`, `Object.assign(new Error("refused"), { code: 3 })`])(
    "fails the test if it is any other: %s",
    async (error) => {
      expect(await statusOf(error)).toBe(1);
    },
  );
});
