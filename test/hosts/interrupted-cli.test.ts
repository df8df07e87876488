import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { Project } from "../support/project";

const IMAGES = "/var/lib/machines";
const OPTIONS = ["--yes", "--skip-preview"];

let host: TestHost;
let project: Project;
beforeAll(async () => {
  host = await up({ name: "interrupted-cli", suite: "trixie" });
  project = await Project.create([]);
  const program = `
    const nspawn = require("pulumi-nspawn");
    const host = new nspawn.Host("web1", { connection: ${JSON.stringify(connectionTo(host, "ops"))} });
    new nspawn.DebianRootfs("app", { host });
  `;
  await writeFile(join(project.directory, "Pulumi.yaml"), "name: interrupted\nruntime: nodejs\nmain: index.js\n");
  await writeFile(join(project.directory, "index.js"), program);
  await project.pulumi("stack", "init", "dev");
});
afterAll(async () => {
  await project?.dispose();
  await host?.down();
});

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
  while ((await host.exec(`ls -d ${IMAGES}/.pulumi-cache/.building-*`)).exitCode !== 0) await pause(200);
  const [cli = 0] = await processes(/^pulumi up /);
  expect(await processes(/cmd\/dynamic-provider/)).toHaveLength(1);
  process.kill(cli, "SIGKILL");
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
