import { type ChildProcess, spawn } from "node:child_process";
import { appendFile, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, type CommandResult, command, tryCommand } from "../../../scripts/tools/command";
import type { Suite } from "./apt";
import { carefulPassword } from "./bases";
import { cgroups, settings } from "./outer";
import { hostDirectory, network, script } from "./paths";
import { clientKeyFile, type HostRecord, removeHost } from "./registry";

const bootDeadlineMs = 120_000;

/** A real but disposable Debian machine with its own systemd, network and disks. */
export class TestHost {
  readonly name: string;
  readonly suite: Suite;
  readonly address: string;
  readonly port = 22;
  readonly directory: string;
  readonly privateKeyPath = clientKeyFile;
  readonly carefulPassword = carefulPassword;
  readonly knownHostsFile: string;
  readonly sshConfigFile: string;

  constructor(
    readonly record: HostRecord,
    /** The host's public key, `ssh-ed25519 AAAA…`. */
    readonly hostKey: string,
  ) {
    this.name = record.name;
    this.suite = record.suite;
    this.address = network.address(record.slot);
    this.directory = hostDirectory(record.name);
    this.knownHostsFile = join(this.directory, "known_hosts");
    this.sshConfigFile = join(this.directory, "ssh_config");
  }

  /** Runs a shell script as the host's root, not over SSH or the network. */
  async exec(text: string, options: { input?: string } = {}): Promise<CommandResult> {
    const leader = await this.leader();
    if (leader === undefined) throw new Error(`${this.name} is not running`);
    const group = `${await cgroups()}/${this.name}/machine/payload/init.scope`;
    const enter = 'echo 0 >"$1/cgroup.procs" && shift && exec nsenter "$@"';
    // A process that runs there is stopped for a moment when the host shuts down. nsenter would then stop itself for
    // good, and a host does not end while nobody waits for such a child; unshare only waits.
    const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--no-fork"];
    const environment = [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME=/root",
      "LANG=C.UTF-8",
    ];
    const inside = ["unshare", "--fork", "env", "-i", ...environment, "sh", "-c", text];
    return tryCommand("sh", ["-c", enter, "sh", group, "--target", `${leader}`, ...namespaces, ...inside], options);
  }

  /** Like `exec`, for a script that must succeed. */
  async sh(text: string): Promise<string> {
    const result = await this.exec(text);
    if (result.exitCode !== 0) throw new CommandError(`${this.name}: ${text}`, result);
    return result.stdout;
  }

  /** Drops packets, like a broken switch: neither side sees its link go down. */
  async cutNetwork(): Promise<void> {
    await command("ip", ["link", "set", network.veth(this.record.slot), "nomaster"]);
  }

  async restoreNetwork(): Promise<void> {
    await command("ip", ["link", "set", network.veth(this.record.slot), "master", network.bridge]);
  }

  /** Connects a cable to another host: an interface of that name on each, which disappears with a reboot of either. */
  async connectTo(other: TestHost, name: string): Promise<void> {
    const [here, there] = [`${await this.leader()}`, `${await other.leader()}`];
    await command("ip", ["link", "add", name, "netns", here, "type", "veth", "peer", "name", name, "netns", there]);
  }

  /** Ends the host like a power cut. */
  async powerOff(): Promise<void> {
    await this.countBuilds();
    await command("sh", [script("end.sh"), this.name], { env: await settings() });
  }

  /** Boots the host from its existing disks; with `degraded`, units of it may fail. */
  async powerOn({ degraded = false }: { readonly degraded?: boolean } = {}): Promise<void> {
    const log = await open(join(this.directory, "console.log"), "a");
    const environment = {
      ...(await settings()),
      NAME: this.name,
      DIRECTORY: this.directory,
      BASE: this.record.base,
      CGROUP: `${await cgroups()}/${this.name}`,
      VETH: network.veth(this.record.slot),
      MAC: network.mac(this.record.slot),
      ADDRESS: this.address,
    };
    const child = spawn("sh", [script("boot.sh")], {
      env: environment,
      cwd: "/",
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.unref();
    await log.close();
    await this.ready(child, readiness(degraded));
  }

  /** Shuts the host down cleanly and boots it again. */
  async reboot(): Promise<void> {
    await this.shutDown();
    await this.powerOn();
  }

  async shutDown(): Promise<void> {
    await this.exec("systemctl poweroff");
    const deadline = Date.now() + bootDeadlineMs;
    while ((await this.leader()) !== undefined && Date.now() < deadline) await sleep(20);
    await this.powerOff();
  }

  /** Where this machine sees a path of the running host. */
  async outside(path: string): Promise<string | undefined> {
    const leader = await this.leader();
    return leader === undefined ? undefined : `/proc/${leader}/root${path}`;
  }

  /** The images of its disks, which can be copied while it is off. */
  get images(): readonly string[] {
    return ["disk.img", "machines.img"].map((name) => join(this.directory, name));
  }

  /**
   * Describes files, units, rules, mounts and links, sorted: if it is equal before and after, nothing was left behind.
   */
  async snapshot(): Promise<string[]> {
    const lines = await this.sh(await readFile(script("snapshot.sh"), "utf8"));
    return lines.split("\n").filter(Boolean).sort();
  }

  async down(): Promise<void> {
    await this.countBuilds();
    await removeHost(this.record);
  }

  /**
   * Adds to the costs of a test file (`test/support/measurement.cjs`) the bases of roots that the host has built since
   * it booted.
   */
  private async countBuilds(): Promise<void> {
    if (process.env.MEASURE_FILE === undefined || (await this.leader()) === undefined) return;
    const { stdout } = await this.exec("journalctl -q -b --no-pager -o cat | grep -c 'Started .*Build the base'");
    await appendFile(process.env.MEASURE_FILE, `build ${stdout.trim() || 0}\n`);
  }

  /** The host's PID 1, in the outer machine's numbering. */
  private async leader(): Promise<number | undefined> {
    const payload = `${await cgroups()}/${this.name}/machine/payload`;
    const members = await readFile(`${payload}/init.scope/cgroup.procs`, "utf8").catch(() => "");
    for (const pid of members.split("\n").filter(Boolean)) {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      if (/^NSpid:\t\d+\t1$/m.test(status)) return Number(pid);
    }
    return undefined;
  }

  private async ready(launcher: ChildProcess, script: string): Promise<void> {
    const deadline = Date.now() + bootDeadlineMs;
    let said = "";
    while (Date.now() < deadline) {
      if (launcher.exitCode !== null) throw new Error(`${this.name} ended while it booted:\n${await this.console()}`);
      if ((await this.leader()) !== undefined) {
        const result = await this.exec(script);
        if (result.exitCode === 0) return;
        if (result.exitCode === 3) throw new Error(`${this.name} booted with failures:\n${result.stdout}`);
        said = result.stderr;
      }
      await sleep(20);
    }
    throw new Error(`${this.name} was not ready after ${bootDeadlineMs / 1000} s: ${said}\n${await this.console()}`);
  }

  private async console(): Promise<string> {
    const text = await readFile(join(this.directory, "console.log"), "utf8").catch(() => "");
    return text.split("\n").slice(-30).join("\n");
  }
}

/**
 * Asks systemd, because trixie's sshd treats a silent TCP connection as an attack and blocks its address. Polls instead
 * of using `--wait`, which waits forever if the manager re-executes itself meanwhile.
 */
const readiness = (degraded: boolean) => `
state=$(systemctl is-system-running 2>&1)
case $state in
  running${degraded ? " | degraded" : ""}) ;;
  degraded) systemctl --failed --no-pager --plain; journalctl --no-pager --lines 30 --priority warning; exit 3 ;;
  *) echo "$state" >&2; exit 1 ;;
esac
networkctl list eth0 --no-legend | grep -q configured || { echo "eth0 is not configured" >&2; exit 1; }
systemctl is-active --quiet ssh.service || { echo "ssh is not active" >&2; exit 1; }
`;
