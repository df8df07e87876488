import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { canRunHosts, type TestHost, up } from "../../test/hosts";
import { ensurePulumi } from "../tools/pulumi";
import { Pulumi } from "./pulumi";
import { Server } from "./server";
import { paint, step } from "./steps";

const USAGE = `npm run demo -- [--host ssh://USER@SERVER] [--keep]

Boots a Debian machine with a real \`pulumi up\`, changes it, and removes it again.

  --host HOST  a Debian server of yours: ssh://user@server, an alias of ~/.ssh/config, or "local"
               (without it: a disposable host on this machine, which needs Linux and root)
  --keep       leave everything running at the end, with a line on how to get in
`;

const STACK = "demo";
const root = join(__dirname, "..", "..");

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { host: { type: "string" }, keep: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const possible = canRunHosts();
  if (values.host === undefined && !possible.ok) {
    console.error(`${possible.reason}. Use a Debian server of yours: npm run demo -- --host ssh://USER@SERVER`);
    process.exitCode = 1;
    return;
  }
  const work = await mkdtemp(join(tmpdir(), "pulumi-nspawn-demo-"));
  try {
    await walk(values.host, values.keep ?? false, work);
  } finally {
    if (!values.keep) await rm(work, { recursive: true, force: true });
  }
}

async function walk(given: string | undefined, keep: boolean, work: string): Promise<void> {
  const { bin } = await step("The Pulumi CLI", () => ensurePulumi(say));
  const disposable =
    given === undefined ? await step("A disposable Debian host on this machine", () => boot(keep)) : undefined;
  const home = disposable === undefined ? homedir() : await homeWithAlias(work, disposable);
  const server = new Server(given ?? "demo", home);
  const before = await step("What is on the host before", () => server.snapshot());
  const pulumi = await Pulumi.open(root, work, bin, home);

  try {
    await step("pulumi up: a root is built, a machine boots", async () => {
      await pulumi.ask("stack", "init", STACK);
      await pulumi.ask("config", "set", "host", given ?? "demo", "--stack", STACK);
      await pulumi.run("up", "--yes", "--skip-preview", "--stack", STACK);
    });
    await step("A command inside the machine", async () => show(await server.inMachine("mydebian", ["hostnamectl"])));
    await step("pulumi up again: nothing to do", () =>
      pulumi.run("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", STACK),
    );
    await step("A change that is live: the memory limit", () => change(pulumi, "memory", "512MiB"));
    await step("A change that restarts the machine: its host name", () => change(pulumi, "hostname", "renamed"));
    await step("The machine's own answer", async () => show(await server.inMachine("mydebian", ["hostname"])));
    if (keep) {
      console.log(`\nEverything is left running. ${howToGetIn(given, disposable)}`);
      return;
    }
  } finally {
    if (!keep) await step("pulumi destroy", () => pulumi.run("destroy", "--yes", "--skip-preview", "--stack", STACK));
  }
  await step("The host is as it was, the cache of built roots aside", async () => {
    const after = await server.snapshot();
    const difference = compare(before, after);
    if (difference.length > 0) throw new Error(`the host differs:\n${difference.join("\n")}`);
    console.log(`    ${before.length} files, units, nftables rules and mounts are the same`);
  });
  await disposable?.down();
}

async function change(pulumi: Pulumi, key: string, value: string): Promise<void> {
  await pulumi.ask("config", "set", key, value, "--stack", STACK);
  await pulumi.run("preview", "--diff", "--stack", STACK);
  await pulumi.run("up", "--yes", "--skip-preview", "--stack", STACK);
}

async function boot(keep: boolean): Promise<TestHost> {
  const host = await up({ name: "demo", suite: "bookworm", filesystem: "btrfs", keep, log: say });
  console.log(`    ${host.name}: Debian ${host.suite}, ${host.address}`);
  return host;
}

/** A home of its own whose ssh_config has the host's alias, as a user's would. */
async function homeWithAlias(work: string, host: TestHost): Promise<string> {
  await mkdir(join(work, ".ssh"), { mode: 0o700 });
  const lines = [
    "Host demo",
    `  HostName ${host.address}`,
    `  Port ${host.port}`,
    "  User root",
    `  IdentityFile ${host.privateKeyPath}`,
    `  UserKnownHostsFile ${host.knownHostsFile}`,
  ];
  await writeFile(join(work, ".ssh", "config"), `${lines.join("\n")}\n`, { mode: 0o600 });
  return work;
}

function howToGetIn(given: string | undefined, host: TestHost | undefined): string {
  if (host === undefined) return `Get in: ssh ${given ?? ""} machinectl shell mydebian`;
  return `Get in: npm run hosts -- ssh ${host.name}, then: machinectl shell mydebian. Remove it: npm run hosts -- down ${host.name}`;
}

function compare(before: readonly string[], after: readonly string[]): string[] {
  const lost = before.filter((line) => !after.includes(line)).map((line) => `  - ${line}`);
  return [...lost, ...after.filter((line) => !before.includes(line)).map((line) => `  + ${line}`)];
}

function show(text: string): void {
  for (const line of text.trimEnd().split("\n")) console.log(`    ${line}`);
}

function say(line: string): void {
  console.log(paint("dim", `    ${line}`));
}

main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
