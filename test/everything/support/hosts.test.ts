import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CommandResult, tryCommand } from "../../../scripts/tools/command";
import { withLock } from "../../../scripts/tools/lock";
import { generations, stable } from "../../support/generations";
import { downAll, find, type Suite, type TestHost, up } from "../../support/hosts";
import { lockFile } from "../../support/hosts/paths";
import { list } from "../../support/hosts/registry";
import { sharedTraces, traces } from "../../support/hosts/traces";
import { root } from "../../support/root";

const systemd: Readonly<Record<Suite, string>> = { bookworm: "252", trixie: "257", forky: "262" };

function ssh(host: TestHost, user: string, script: string, input?: string): Promise<CommandResult> {
  const args = [
    "-F",
    host.sshConfigFile,
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=5",
    `${user}@${host.name}`,
    script,
  ];
  return tryCommand("ssh", args, { input });
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("the condition was not met within a minute");
    await sleep(50);
  }
}

describe.each(generations("bookworm", "forky"))("a %s host", (suite) => {
  let host: TestHost;

  beforeAll(async () => {
    host = await up({ name: `hosts-${suite}`, suite });
  });

  afterAll(async () => {
    await host?.down();
  });

  test("runs a script as root, with its input, output and exit status", async () => {
    const result = await host.exec("id -un; cat; echo oops >&2; exit 3", { input: "hello" });
    expect(result).toEqual({ stdout: "root\nhello", stderr: "oops\n", exitCode: 3 });
    await expect(host.sh("echo why >&2; false")).rejects.toThrow("why");
  });

  test("runs the systemd of its suite, with everything started", async () => {
    expect(await host.sh("systemctl --version")).toMatch(`systemd ${systemd[suite]} `);
    expect((await host.sh("systemctl is-system-running")).trim()).toBe("running");
    expect((await host.sh("hostname")).trim()).toBe(host.name);
    expect((await host.sh("cat /proc/sys/net/ipv4/ip_forward")).trim()).toBe("0");
  });

  test("lets every user in over SSH with the client key, and shows its known host key", async () => {
    for (const user of ["root", "ops", "careful", "nosudo"]) {
      expect(await ssh(host, user, "id -un")).toMatchObject({ stdout: `${user}\n`, exitCode: 0 });
    }
    expect(await host.sh("cat /etc/ssh/ssh_host_ed25519_key.pub")).toMatch(host.hostKey);
  });

  test("gives each user the sudo right that its name says", async () => {
    expect((await ssh(host, "ops", "sudo -n id -un")).stdout).toBe("root\n");
    expect((await ssh(host, "careful", "sudo -n id -un")).exitCode).not.toBe(0);
    expect((await ssh(host, "careful", "sudo -S id -un", `${host.carefulPassword}\n`)).stdout).toBe("root\n");
    expect((await ssh(host, "nosudo", "sudo -n id -un")).exitCode).not.toBe(0);
  });

  test("reaches the mirrors with the outer machine's apt configuration", async () => {
    await host.sh("apt-get --quiet update && apt-get --quiet --download-only --yes install hello");
  });

  test("has the same snapshot twice, and a different one after a change", async () => {
    const before = await host.snapshot();
    expect(before).toContain("mount /var/lib/machines ext4 rw,noatime");
    expect(before).toContain("unit ssh.service enabled");
    expect(await host.snapshot()).toEqual(before);

    await host.sh("touch /etc/new && mkdir /var/lib/machines/box && systemctl mask --quiet rescue.service");
    const after = await host.snapshot();
    expect(after.filter((line) => !before.includes(line)).map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual(
      expect.arrayContaining(["file /etc/new 644", "image /var/lib/machines/box 755", "unit rescue.service masked"]),
    );
    await host.sh("rm /etc/new && rmdir /var/lib/machines/box && systemctl unmask --quiet rescue.service");
    expect(await host.snapshot()).toEqual(before);
  });

  if (suite === stable) {
    test("keeps only its disks through a power cut, a reboot, and its own reboot during a session", async () => {
      const machineId = await host.sh("cat /etc/machine-id");
      await host.sh("echo kept | tee /etc/kept /srv/kept /var/lib/machines/kept && sync");
      const restarts = [
        () => host.powerOff().then(() => host.powerOn()),
        () => host.reboot(),
        async () => {
          const started = "cut -d' ' -f22 /proc/1/stat";
          const before = await host.sh(started);
          const looking = host.exec("sleep 1000");
          await host.exec("systemctl reboot");
          await eventually(async () => {
            const after = await host.exec(`systemctl is-active --quiet ssh && ${started}`).catch(() => undefined);
            return after?.exitCode === 0 && after.stdout !== before;
          });
          expect((await looking).exitCode).not.toBe(0);
        },
      ];
      for (const restart of restarts) {
        await host.sh("touch /run/forgotten && ip link add forgotten type bridge");
        await restart();
        expect(await host.sh("cat /etc/kept /srv/kept /var/lib/machines/kept")).toBe("kept\nkept\nkept\n");
        expect(await host.sh("cat /etc/machine-id")).toBe(machineId);
        expect((await host.exec("ls /run/forgotten")).exitCode).not.toBe(0);
        expect((await host.exec("ip link show forgotten")).exitCode).not.toBe(0);
        expect((await ssh(host, "root", "true")).exitCode).toBe(0);
      }
    });
  }

  test("is unreachable while its network is cut, and reachable again afterwards", async () => {
    await host.cutNetwork();
    expect((await ssh(host, "root", "true")).exitCode).toBe(255);
    expect((await host.sh("cat /sys/class/net/eth0/carrier")).trim()).toBe("1");
    await host.restoreNetwork();
    expect((await ssh(host, "root", "true")).exitCode).toBe(0);
  });

  test("can be found by another process, and leaves nothing behind when it is down", async () => {
    expect(await find(host.name)).toMatchObject({ name: host.name, address: host.address, hostKey: host.hostKey });
    const { slot } = host.record;
    const kinds = new Set((await traces(host.name, slot)).map((trace) => trace.split(" ")[0]));
    expect([...kinds].sort()).toEqual(["cgroup", "file", "link", "loop", "process"]);
    await host.down();
    expect(await traces(host.name, slot)).toEqual([]);
    expect(await find(host.name)).toBeUndefined();
  });
});

describe("hosts", () => {
  afterAll(async () => {
    await downAll();
  });

  test("may have machines of the same name at the same time", async () => {
    const hosts = await Promise.all(
      (["bookworm", "trixie"] as const).map((suite) => up({ name: `twin-${suite}`, suite, filesystem: "btrfs" })),
    );
    const boot =
      "systemd-run --quiet --unit=twin systemd-nspawn --quiet -D / --volatile=yes --boot --machine=twin --console=pipe";
    for (const host of hosts) {
      expect(await host.sh("findmnt --noheadings --output FSTYPE /var/lib/machines")).toBe("btrfs\n");
      await host.sh(boot);
    }
    for (const host of hosts) {
      // The host's own root in volatile mode makes a quick guest, though some services miss their files in /etc.
      await eventually(async () => {
        const { stdout } = await host.exec("systemctl -M twin is-system-running");
        return /^(running|degraded)$/m.test(stdout);
      });
    }
    await Promise.all(hosts.map((host) => host.down()));
    for (const host of hosts) expect(await traces(host.name, host.record.slot)).toEqual([]);
  });

  test("get their own names and addresses, even if they ask for the same", async () => {
    const [one, other] = await Promise.all([
      up({ name: "same", suite: "trixie" }),
      up({ name: "same", suite: "trixie" }),
    ]);
    expect([one.name, other.name].sort()).toEqual(["same", "same-2"]);
    expect(one.address).not.toBe(other.address);
    expect((await ssh(other, "root", "hostname")).stdout).toBe(`${other.name}\n`);
    expect(await downAll()).toEqual(expect.arrayContaining([one.name, other.name]));
  });

  test("are small if requested", async () => {
    const host = await up({ name: "small", suite: "trixie", bare: true, imageSize: "64M" });
    const result = await host.exec("head -c 100M /dev/zero > /var/lib/machines/big");
    expect(result.stderr).toMatch("No space left on device");
    expect((await host.exec("command -v systemd-nspawn mmdebstrap debootstrap nft")).stdout).toBe("");
    await host.down();
  });

  test("are removed at once if they cannot be made", async () => {
    await expect(up({ name: "broken", suite: "trixie", imageSize: "1" })).rejects.toThrow("Not enough space");
    expect(await find("broken")).toBeUndefined();
  });

  const endings = {
    "SIGKILL, with its watchdog": "SIGKILL",
    SIGKILL: "SIGKILL",
    SIGINT: "SIGINT",
    SIGTERM: "SIGTERM",
  } as const;

  test.each(Object.entries(endings))("are removed when their process is ended by %s", async (how, signal) => {
    const program = `
      const { up } = require(${JSON.stringify(join(root, "test/support/hosts/index.ts"))});
      up({ name: "orphan", suite: "trixie" }).then((host) => { console.log(host.name); setInterval(() => {}, 1000); });
    `;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line]: unknown[] = await once(child.stdout, "data");
    const name = String(line).trim();
    const host = await find(name);
    if (!host) throw new Error(`no host ${name}`);
    if (how.includes("watchdog")) {
      const { stdout } = await tryCommand("pgrep", ["--parent", `${child.pid}`, "--full", "watchdog.sh"]);
      process.kill(Number(stdout), "SIGKILL");
    }
    child.kill(signal);
    await once(child, "close");
    if (how.includes("watchdog")) expect(await downAll()).toContain(name);
    await eventually(async () => (await traces(name, host.record.slot)).length === 0);
  });

  test("leave no shared resources behind when the last one is down", async () => {
    const host = await up({ name: "last", suite: "trixie" });
    expect(await sharedTraces()).toHaveLength(2);
    await host.down();
    await withLock(lockFile, async () => {
      // Hosts of other test files, or of a person using this machine, still need the shared resources.
      if ((await list()).length === 0) expect(await sharedTraces()).toEqual([]);
    });
  });
});
