import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePulumi, isUsable, pulumiVersion } from "../../scripts/tools/pulumi";

let directory: string;
const environment = { ...process.env };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pulumi-tools-"));
  process.env.XDG_CACHE_HOME = join(directory, "cache");
});

afterEach(async () => {
  process.env = { ...environment };
  await rm(directory, { recursive: true });
});

async function program(path: string, script: string): Promise<void> {
  const file = join(directory, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

async function programs(bin: string, version: string): Promise<void> {
  await program(`${bin}/pulumi`, `echo v${version}`);
  await program(`${bin}/pulumi-language-nodejs`, "exit 0");
  await program(`${bin}/pulumi-resource-pulumi-nodejs`, "exit 0");
}

test.each(["3.216.0", "3.230.0", "3.300.1-alpha.1"])("CLI %s is usable", (version) => {
  expect(isUsable(version)).toBe(true);
});

test.each(["3.215.9", "2.300.0", "4.0.0", ""])("CLI %j is not usable", (version) => {
  expect(isUsable(version)).toBe(false);
});

test("a complete Pulumi on PATH is used as it is, without output", async () => {
  await programs("bin", "3.250.0");
  process.env.PATH = `${join(directory, "bin")}:/usr/bin:/bin`;
  const log: string[] = [];
  expect(await ensurePulumi((line) => log.push(line))).toEqual({
    bin: join(directory, "bin"),
    version: "3.250.0",
    source: "PATH",
  });
  expect(log).toEqual([]);
});

test("a CLI that is too old or lacks its language host is skipped, and the cached one is used", async () => {
  const cache = `cache/pulumi-nspawn/pulumi/${pulumiVersion}`;
  await programs(`${cache}/bin`, pulumiVersion);
  await writeFile(join(directory, cache, "source"), "go");
  const expected = { bin: join(directory, cache, "bin"), version: pulumiVersion, source: "go" };
  const log: string[] = [];

  await programs("old", "3.100.0");
  process.env.PATH = `${join(directory, "old")}:/usr/bin:/bin`;
  expect(await ensurePulumi((line) => log.push(line))).toEqual(expected);

  await program("alone/pulumi", "echo v3.250.0");
  process.env.PATH = `${join(directory, "alone")}:/usr/bin:/bin`;
  expect(await ensurePulumi((line) => log.push(line))).toEqual(expected);

  expect(log).toEqual([
    `${join(directory, "old/pulumi")} is ignored: its version is 3.100.0, not ≥ 3.216 < 4`,
    `${join(directory, "alone/pulumi")} is ignored: pulumi-language-nodejs and pulumi-resource-pulumi-nodejs not on PATH`,
  ]);
});

test("if nothing can be downloaded or compiled, the error says what to do", async () => {
  await program("bin/npm", "echo 'fetch failed' >&2; exit 1");
  await program("bin/go", "echo 'go.mod requires go >= 1.26 (running go 1.19)' >&2; exit 1");
  process.env.PATH = `${join(directory, "bin")}:/usr/bin:/bin`;
  const log: string[] = [];
  const failure = ensurePulumi((line) => log.push(line));
  await expect(failure).rejects.toThrow(/needs Go 1\.26 or newer \(.*running go 1\.19\)\)\.\nInstall Pulumi as https/);
  expect(log.at(-1)).toBe("that did not work (fetch failed): compiling it from its Go modules …");
});

test("a release that npm's launcher downloaded is kept and completed", async () => {
  await program(
    "bin/npm",
    `bin="$PULUMI_HOME/versions/$PULUMI_VERSION/bin"; mkdir -p "$bin"; echo 'the CLI' > "$bin/pulumi"; echo v$PULUMI_VERSION`,
  );
  process.env.PATH = `${join(directory, "bin")}:/usr/bin:/bin`;
  const both = await Promise.all([ensurePulumi(() => {}), ensurePulumi(() => {})]);
  for (const tools of both) expect(tools).toMatchObject({ version: pulumiVersion, source: "npm" });
});
