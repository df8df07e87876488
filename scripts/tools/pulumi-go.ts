import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command, tryCommand } from "./command";
import { duration, type Log } from "./log";

const goVersion = "1.26";
/** The last release whose Node.js language host is part of the SDK's module; it works with newer engines. */
const languageHostVersion = "3.68.0";

/**
 * Without debug information, without a C compiler, and with fewer garbage collections: a sixth less time on two cores.
 */
const FLAGS = ["-gcflags=all=-dwarf=false"];
const ENVIRONMENT = { CGO_ENABLED: "0", GOGC: "400" };

/** Compiles the CLI and the Node.js language host into `bin` of a directory. */
export async function buildWithGo(directory: string, version: string, log: Log): Promise<void> {
  const work = join(directory, "go");
  await requireGo(work);
  const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
  // Without a version the CLI reports none, which the Automation API cannot read.
  const cli = {
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    version,
    ldflags: `-s -w -X ${variable}=v${version}`,
  };
  const host = {
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    version: languageHostVersion,
    ldflags: "-s -w",
  };
  for (const program of [cli, host]) await build(program, work, join(directory, "bin"), log);
  await rm(work, { recursive: true });
}

interface Program {
  readonly package: string;
  readonly version: string;
  readonly ldflags: string;
}

/**
 * `go install PACKAGE@VERSION` refuses modules with replace directives, so each program gets a module that requires it.
 */
async function build(program: Program, work: string, bin: string, log: Log): Promise<void> {
  const name = program.package.split("/").at(-1) ?? program.package;
  const started = Date.now();
  log(`compiling ${name} ${program.version} (a few minutes the first time) …`);
  await freshModule(work);
  await command("go", ["get", `${program.package}@v${program.version}`], { cwd: work });
  await command("go", ["build", ...FLAGS, "-ldflags", program.ldflags, "-o", join(bin, name), program.package], {
    cwd: work,
    env: { ...process.env, ...ENVIRONMENT },
  });
  log(`compiled ${name} in ${duration(Date.now() - started)}`);
}

async function freshModule(work: string): Promise<void> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await writeFile(join(work, "go.mod"), `module build\n\ngo ${goVersion}\n`);
}

/** Asked inside a module that requires this version, an older Go downloads the newer one by itself, if allowed. */
async function requireGo(work: string): Promise<void> {
  await freshModule(work);
  const result = await tryCommand("go", ["env", "GOVERSION"], { cwd: work });
  if (result.exitCode === 0) return;
  throw new Error(
    `there is no Pulumi CLI here, and compiling it needs Go ${goVersion} or newer (${result.stderr.trim()}).\n` +
      "Install Pulumi as https://www.pulumi.com/docs/install/ says, so that `pulumi` is on PATH, and run this again.",
  );
}
