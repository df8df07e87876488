import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../../scripts/tools/command";
import { upWithBase } from "../support/bases";
import { everyCombination } from "../support/generations";
import { type Suite, suites, type TestHost } from "../support/hosts";
import { addressBeside, listenForDevices, reaches } from "../support/lan";
import { inside } from "../support/network";
import { Project } from "../support/project";
import { walkThrough } from "../support/walk";

interface Example {
  readonly name: string;
  readonly does: string;
  /** The generation that the example runs on unless every combination is run. */
  readonly usual: Suite;
  /** Prepares the host and returns the configuration. */
  readonly prepare?: (host: TestHost) => Promise<Record<string, string>>;
  /** Uses what `up` made. */
  readonly use: (host: TestHost, project: Project) => Promise<void>;
  /** Removes by hand what stays according to the README. */
  readonly tidy?: string;
}

const examples: readonly Example[] = [
  {
    name: "quickstart",
    does: "boots a machine with a network and directories of the server, and an ephemeral one",
    usual: "trixie",
    use: async (host, project) => {
      expect(await inside(host, "mydebian", "hostname; touch /projects/x; touch /manuals/x 2>&1 | tail -c 22")).toBe(
        "mydebian\nRead-only file system",
      );
      expect(await host.sh("rm /srv/mydebian/projects/x; systemctl is-enabled systemd-nspawn@mydebian")).toBe(
        "enabled\n",
      );
      const scratchAddress = (await project.pulumi("stack", "output", "scratchAddress")).trim();
      expect(await inside(host, "mydebian", `ping -c 1 -W 5 ${scratchAddress} >/dev/null; echo $?`)).toMatch(
        /^(0|127)$/,
      );
      expect(await host.sh("journalctl -M mydebian -u systemd-networkd -n 1 -o cat")).toMatch(/^\w/);
    },
  },
  {
    name: "adopt-existing",
    does: "adopts a machine that was made by hand, and leaves it running",
    usual: "bookworm",
    prepare: async (host) => {
      const needed = "systemd-sysv,dbus,libpam-systemd";
      await host.sh(`mmdebstrap --quiet --variant=minbase --include=${needed} bookworm /var/lib/machines/mydebian
mkdir -p /etc/systemd/nspawn
printf '[Network]\\nVirtualEthernet=no\\n' >/etc/systemd/nspawn/mydebian.nspawn
machinectl enable mydebian
machinectl start mydebian
date +%s >/run/adopted`);
      return { suite: "bookworm" };
    },
    use: async (host) => {
      const started = 'date -d "$(systemctl show systemd-nspawn@mydebian -P ActiveEnterTimestamp)" +%s';
      expect(await host.sh(`test "$(${started})" -le "$(cat /run/adopted)" && machinectl show mydebian -p State`)).toBe(
        "State=running\n",
      );
    },
    tidy: "rm /run/adopted",
  },
  {
    name: "ephemeral-ci",
    does: "boots machines from one root, each with its own copy",
    usual: "trixie",
    prepare: async () => ({ workers: "2", packages: "[]" }),
    use: async (host) => {
      expect(await inside(host, "ci-1", "touch /root/x; hostname")).toBe("ci-1");
      expect(await inside(host, "ci-2", "ls /root; hostname")).toBe("ci-2");
    },
  },
  {
    name: "devbox",
    does: "lets its owner in with the ssh_config entry of its output",
    usual: "trixie",
    prepare: async (host) => {
      const publicKeyFile = join(host.directory, "client.pub");
      await writeFile(publicKeyFile, await command("ssh-keygen", ["-y", "-f", host.privateKeyPath]));
      return { publicKeyFile };
    },
    use: async (host, project) => {
      await appendFile(project.sshConfigFile, await project.pulumi("stack", "output", "sshConfig"));
      const ssh = ["-F", project.sshConfigFile, "-i", host.privateKeyPath, "-o", "BatchMode=yes", "mybox"];
      expect(await command("ssh", [...ssh, "whoami; ls"])).toBe("dev\nproject\n");
      expect(await host.sh("ls /var/lib/devboxes/mybox/home")).toBe("project\n");
    },
    tidy: "rm -r /var/lib/devboxes/mybox /var/lib/pulumi-nspawn/sources; rmdir /var/lib/pulumi-nspawn",
  },
  {
    name: "with-cloud",
    does: "boots a machine on a server that the same program makes",
    usual: "trixie",
    prepare: async (host) => {
      const pool = join(host.directory, "pool.json");
      const { address, hostKey, privateKeyPath } = host;
      await writeFile(pool, JSON.stringify({ "i-1": { address, user: "ops", hostKey, privateKeyPath } }));
      return { pool, servers: "1" };
    },
    use: async (host, project) => {
      expect(await project.pulumi("stack", "output", "urls", "--json")).toContain(`http://${host.address}:8080/`);
      expect(await inside(host, "web", "hostname")).toBe("web");
    },
  },
  {
    name: "lan-bridge",
    does: "makes a machine a peer on the LAN",
    usual: "trixie",
    prepare: async (host) => ({ address: `${addressBeside(host)}/24` }),
    use: async (host) => {
      expect(await reaches(host, addressBeside(host))).toBe(true);
    },
  },
];

describe.each(everyCombination ? suites : suites.filter((suite) => examples.some(({ usual }) => usual === suite)))(
  "the examples on a %s host",
  (suite) => {
    let host: TestHost;

    beforeAll(async () => {
      host = await upWithBase({ name: `examples-${suite}`, suite, filesystem: "btrfs" });
      await listenForDevices(host);
      await host.reboot();
      // The default route of the test host itself, in addition to networkd's.
      await host.sh("ip route delete default proto boot");
      // Match the interface by its MAC address, as servers do.
      await host.sh(
        `printf '[Match]\\nMACAddress=%s\\n[Link]\\nName=eth0\\n' "$(cat /sys/class/net/eth0/address)" >/etc/systemd/network/10-eth0.link`,
      );
    });

    afterAll(() => host.down());

    test.each(examples.filter(({ usual }) => everyCombination || usual === suite))(
      "$name $does, then has no changes or drift, and is removed without a trace",
      async (example) => {
        const before = await host.snapshot();
        const config = await example.prepare?.(host);
        const project = await Project.ofExample(example.name, [host], { host: host.name, ...config });
        try {
          await walkThrough(
            (...args) => project.pulumi(...args),
            () => example.use(host, project),
          );
        } finally {
          await project.dispose();
        }
        if (example.tidy) await host.sh(example.tidy);
        expect(await host.snapshot()).toEqual(before);
      },
    );
  },
);
