import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lockFile } from "../../provider/host/exclusion";
import { rootLock } from "../../provider/host/roots/generations";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { Project } from "../support/project";

const IMAGES = "/var/lib/machines";
const OPTIONS = ["--yes", "--skip-preview"];

let host: TestHost;
let proxy: TcpProxy;
let project: Project;
beforeAll(async () => {
  host = await up({ name: "interrupted-cli", suite: "trixie" });
  proxy = await startProxy({ host: host.address, port: host.port });
  project = await Project.create([]);
  const { knownHostsFile: _, ...direct } = connectionTo(host, "ops");
  const connection = { ...direct, host: proxy.address, port: proxy.port, hostKey: host.hostKey };
  const program = `
    const nspawn = require("pulumi-nspawn");
    const host = new nspawn.Host("web1", { connection: ${JSON.stringify(connection)} });
    new nspawn.DebianRootfs("app", { host });
  `;
  await writeFile(join(project.directory, "Pulumi.yaml"), "name: interrupted\nruntime: nodejs\nmain: index.js\n");
  await writeFile(join(project.directory, "index.js"), program);
  await project.pulumi("stack", "init", "dev");
});
afterAll(async () => {
  await project?.dispose();
  await proxy?.close();
  await host?.down();
});

async function killCli(): Promise<void> {
  const [cli] = await processes(/^pulumi up /);
  // To signal process 0 is to signal the tests themselves.
  if (cli === undefined) throw new Error("the CLI has ended already");
  expect(await processes(/cmd\/dynamic-provider/)).toHaveLength(1);
  process.kill(cli, "SIGKILL");
  while ((await processes(/^pulumi up /)).length > 0) await pause(10);
}

async function until(condition: string): Promise<void> {
  while ((await host.exec(condition)).exitCode !== 0) await pause(50);
}

/** The processes of this project's runs, by what they run. */
async function processes(what: RegExp): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).map(Number).filter(Boolean)) {
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (directory === project.directory && what.test(command.replaceAll("\0", " "))) found.push(pid);
  }
  return found;
}

test("a killed CLI takes the provider and the build along, and the stack is repaired as the guide says", async () => {
  const killed = project.tryPulumi("up", ...OPTIONS);
  await until(`ls -d ${IMAGES}/.pulumi-cache/.building-*`);
  await killCli();
  await killed;
  while ((await processes(/cmd\/dynamic-provider/)).length > 0) await pause(200);
  while ((await host.sh(`ls -A ${IMAGES}/.pulumi-cache | grep -v lock || :`)) !== "") await pause(200);

  const locked = await project.tryPulumi("up", ...OPTIONS);
  expect(locked.stdout + locked.stderr).toContain("or delete the lock file with `pulumi cancel`");
  await project.pulumi("cancel", "--yes", "--stack", "dev");

  const warning = /pending operations.*DebianRootfs::app, interrupted while creating/s;
  expect(await project.pulumi("up", ...OPTIONS)).toMatch(warning);
  await project.pulumi("refresh", ...OPTIONS);
  expect(await project.pulumi("up", ...OPTIONS)).toMatch(warning);
  await project.pulumi("refresh", "--clear-pending-creates", ...OPTIONS);
  const last = await project.pulumi("up", ...OPTIONS);
  expect(last).not.toMatch(warning);
  expect(last).toContain("3 unchanged");
  await project.pulumi("destroy", ...OPTIONS);
  expect(await host.sh(`ls -A ${IMAGES}`)).toBe(".pulumi-cache\n");
});

test("what a create finished just after the CLI was killed is known as unrecorded, and a destroy removes it", async () => {
  // The create waits for its lock until no answer gets through any more.
  const lock = lockFile(rootLock("app"));
  const holder = host.exec(
    `mkdir -p -m 0700 /run/pulumi-nspawn; flock ${lock} sh -c 'while ! [ -e /run/go ]; do sleep 0.1; done'`,
  );
  const killed = project.tryPulumi("up", ...OPTIONS);
  await until("pgrep -f '^flock -w'");
  proxy.stall("answers");
  await host.sh("touch /run/go");
  await holder;
  await until('grep -l \'"complete": true\' /var/lib/pulumi-nspawn/rootfs/app@*.json && ! pgrep -f "^timeout -k"');
  await killCli();
  // The provider is there for a moment longer, and gets the answer.
  proxy.resume();
  await killed;
  while ((await processes(/cmd\/dynamic-provider/)).length > 0) await pause(200);
  expect(await host.sh("grep -h acknowledged /var/lib/pulumi-nspawn/rootfs/app@*.json")).toContain('"no"');
  await project.pulumi("cancel", "--yes", "--stack", "dev");
  await project.pulumi("destroy", ...OPTIONS);
  expect(await host.sh(`ls -A ${IMAGES}`)).toBe(".pulumi-cache\n");
});
