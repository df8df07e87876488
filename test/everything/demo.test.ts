import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { cacheDirectory } from "../../scripts/tools/cache";
import { command, tryCommand } from "../../scripts/tools/command";
import { type TestHost, up } from "../support/hosts";
import { root } from "../support/root";
import { putSshInto } from "../support/ssh/wrapper";

/** Runs the demo, which has to succeed without a warning, and returns what it shows. */
async function demo(args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const words = ["run", "--silent", "demo", "--", ...args];
  const { stdout, stderr, exitCode } = await tryCommand("npm", words, { cwd: root, env });
  // All of it: what failed is in the middle, before the demo removes what it made.
  if (exitCode !== 0 || stderr !== "")
    throw new Error(`the demo ended with exit status ${exitCode}:\n${stdout}\n${stderr}`);
  return stdout;
}

test("the demo walks from an empty host to a machine and back", async () => {
  const before = await readdir(root);
  const stdout = await demo();
  expect(stdout).toContain("Operating System: Debian GNU/Linux 13 (trixie)");
  expect(stdout).toMatch(/live: limits/);
  expect(stdout).toMatch(/restart: hostname/);
  expect(stdout).toMatch(/files, units, nftables rules and mounts are the same/);
  expect(stdout).not.toContain("\u001b[");
  expect(await readdir(root)).toEqual(before);
});

test("--help of the demo prints its usage", async () => {
  expect(await demo(["--help"])).toContain("--host ssh://USER@SERVER");
});

describe("the demo on the user's server", () => {
  let host: TestHost;
  let home: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    // A server as it comes: without the packages that machines need.
    host = await up({ name: "demo-server", suite: "trixie", bare: true });
    home = await mkdtemp(join(tmpdir(), "demo-home-"));
    await mkdir(join(home, ".ssh"), { mode: 0o700 });
    const config = [
      `Host web1\n  HostName ${host.address}\n  User root`,
      `Host *\n  IdentityFile ${host.privateKeyPath}\n  UserKnownHostsFile ${host.knownHostsFile}\n`,
    ];
    await writeFile(join(home, ".ssh", "config"), config.join("\n"));
    const programs = join(home, "bin");
    await putSshInto(programs, join(home, ".ssh", "config"));
    const PATH = [programs, process.env.PATH].join(delimiter);
    env = { ...process.env, HOME: home, PATH, XDG_CACHE_HOME: dirname(cacheDirectory()) };
  });
  afterAll(async () => {
    await host?.down();
    if (home) await rm(home, { recursive: true, force: true });
  });

  test("by address, through sudo: the packages that it installs stay, and everything else is removed", async () => {
    const stdout = await demo(["--host", `ssh://ops@${host.address}`], env);
    expect(stdout).toContain("systemd-container, mmdebstrap, nftables are not installed");
    expect(stdout).toMatch(/files, units, nftables rules and mounts are the same$/m);
    expect((await host.sh("ls -A /var/lib/machines | grep -v lost+found")).trim()).toBe(".pulumi-cache");
  });

  test("by an alias, with --keep: it prints how to get in, and the printed commands remove the machine", async () => {
    const stdout = await demo(["--host", "web1", "--keep"], env);
    expect(stdout).toContain("  Get in:     ssh -t web1 machinectl shell mydebian\n");
    expect((await host.sh("systemctl is-active systemd-nspawn@mydebian")).trim()).toBe("active");

    const [, remove = "false"] = /^ {2}Remove it: {2}(.*)$/m.exec(stdout) ?? [];
    const [, rest = "false"] = /^ {2}and then: {3}(.*)$/m.exec(stdout) ?? [];
    await command("sh", ["-c", `${remove} && ${rest}`], { env, cwd: "/" });
    expect((await host.sh("ls -A /var/lib/machines | grep -v lost+found")).trim()).toBe(".pulumi-cache");
  });
});
