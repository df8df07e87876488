import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDirectory } from "./cache";
import { tryCommand } from "./command";
import { withLock } from "./lock";
import { duration, type Log } from "./log";
import { buildWithGo } from "./pulumi-go";
import { installWithNpm } from "./pulumi-npm";
import { which } from "./which";

export interface PulumiTools {
  /** The directory to put on PATH: it has the CLI, the Node.js language host and the launcher of dynamic providers. */
  readonly bin: string;
  readonly version: string;
  readonly source: "PATH" | "npm" | "go";
}

/** The version that the SDK in package.json was tested with. */
export const pulumiVersion = "3.230.0";
const oldestMinor = 216;

const programs = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"] as const;

/** Finds the Pulumi CLI, or gets it: from the official npm package, or else compiled from its Go modules. */
export async function ensurePulumi(log: Log): Promise<PulumiTools> {
  const onPath = await findOnPath(log);
  if (onPath) return onPath;
  const directory = cacheDirectory("pulumi", pulumiVersion);
  return withLock(`${directory}.lock`, async () => (await cached(directory)) ?? (await install(directory, log)));
}

async function findOnPath(log: Log): Promise<PulumiTools | undefined> {
  const [pulumi, ...helpers] = await Promise.all(programs.map((name) => which(name)));
  if (!pulumi) return undefined;
  const version = await versionOf(pulumi);
  const missing = programs.filter((_, index) => index > 0 && !helpers[index - 1]);
  if (missing.length > 0) log(`${pulumi} is ignored: ${missing.join(" and ")} not on PATH`);
  else if (!isUsable(version))
    log(`${pulumi} is ignored: its version is ${version || "unknown"}, not ≥ 3.${oldestMinor} < 4`);
  else return { bin: dirname(pulumi), version, source: "PATH" };
  return undefined;
}

async function versionOf(pulumi: string): Promise<string> {
  const { stdout } = await tryCommand(pulumi, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return stdout.trim().replace(/^v/, "");
}

/** Whether a CLI of this version runs programs with the SDK versions that package.json allows. */
export function isUsable(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version) ?? [];
  return major === "3" && Number(minor) >= oldestMinor;
}

async function cached(directory: string): Promise<PulumiTools | undefined> {
  const source = await readFile(join(directory, "source"), "utf8").catch(() => undefined);
  if (source !== "npm" && source !== "go") return undefined;
  return { bin: join(directory, "bin"), version: pulumiVersion, source };
}

async function install(directory: string, log: Log): Promise<PulumiTools> {
  const started = Date.now();
  const building = `${directory}.building`;
  await rm(building, { recursive: true, force: true });
  await mkdir(join(building, "bin"), { recursive: true });
  try {
    const source = await fill(building, log);
    await writeDynamicProviderLauncher(join(building, "bin"));
    await writeFile(join(building, "source"), source);
    await rm(directory, { recursive: true, force: true });
    await rename(building, directory);
    log(`Pulumi ${pulumiVersion} is ready after ${duration(Date.now() - started)}, kept in ${directory}`);
    return { bin: join(directory, "bin"), version: pulumiVersion, source };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function fill(building: string, log: Log): Promise<"npm" | "go"> {
  log(`no Pulumi CLI on PATH: getting version ${pulumiVersion} with the npm package "pulumi" …`);
  const refusal = await installWithNpm(building, pulumiVersion);
  if (refusal === undefined) return "npm";
  log(`that did not work (${refusal}): compiling it from its Go modules …`);
  await buildWithGo(building, pulumiVersion, log);
  return "go";
}

/** Release archives contain it; the Go modules do not. */
async function writeDynamicProviderLauncher(bin: string): Promise<void> {
  const file = join(bin, "pulumi-resource-pulumi-nodejs");
  const script = `#!/bin/sh
exec node "$(node -e "console.log(require.resolve('@pulumi/pulumi/cmd/dynamic-provider'))")" "$@"
`;
  await writeFile(file, script, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await chmod(file, 0o755);
}
