import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { tryCommand } from "./command";

/** Only a launcher: on its first run it downloads the version in PULUMI_VERSION into PULUMI_HOME. */
const launcher = "pulumi@3.265.0";

/** Fills `bin` of a directory with the official release. If that fails, returns why, in one line. */
export async function installWithNpm(directory: string, version: string): Promise<string | undefined> {
  const home = join(directory, "home");
  const result = await tryCommand("npm", ["exec", "--yes", `--package=${launcher}`, "--", "pulumi", "version"], {
    cwd: directory,
    env: { ...process.env, PULUMI_HOME: home, PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMs: 15 * 60_000,
  });
  if (result.exitCode === 0) {
    await rm(join(directory, "bin"), { recursive: true });
    await rename(join(home, "versions", version, "bin"), join(directory, "bin"));
  }
  await rm(home, { recursive: true, force: true });
  return result.exitCode === 0 ? undefined : lastLine(result.stderr);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "it printed nothing";
}
