import { setTimeout as pause } from "node:timers/promises";
import * as nspawn from "../../index";
import { deviceRefusals } from "../../provider/host/machines/device-refusals";
import { explained } from "../../provider/host/refusals";
import { sh } from "../../provider/host/sh";
import { lines, run } from "../../provider/remote";
import { keepBases, upWithKeptBases } from "../support/bases";
import { connectionTo, type User } from "../support/connection";
import { ofGenerations } from "../support/generations";
import type { TestHost } from "../support/hosts";
import { Stack } from "../support/stack";

const hosts = [
  { suite: "bookworm", filesystem: "ext4", user: "root", packages: [] },
  { suite: "trixie", filesystem: "btrfs", user: "ops", packages: ["podman", "crun"] },
] as const satisfies readonly { suite: string; filesystem: string; user: User; packages: readonly string[] }[];

/** A name with every character that systemd's files and command lines give a meaning to. */
const ODD = `o dd%h$x"'\\;`;
const SECRET = "hunter2 'it%s' $HOME\n";

/** What a machine may use of its host, how it restarts, and which copies it leaves behind: all from one base. */
describe.each(ofGenerations(hosts))(
  "machines on a $suite host, $filesystem, as $user",
  ({ suite, filesystem, user, packages }) => {
    let host: TestHost;
    let stack: Stack;

    beforeAll(async () => {
      host = await upWithKeptBases({ name: `access-${suite}`, suite, filesystem });
      stack = await Stack.create("dev");
    });

    afterAll(async () => {
      await stack.dispose();
      await keepBases(host);
      await host.down();
    });

    const program =
      (box: Partial<nspawn.NspawnMachineArgs> = {}) =>
      async () => {
        const server = new nspawn.Host("server", {
          connection: connectionTo(host, user),
        });
        const root = (name: string) =>
          new nspawn.DebianRootfs(name, { host: server, packages: ["systemd-container", ...packages] });
        const ci = root("ci");
        const machine = new nspawn.NspawnMachine("box", {
          rootfs: root("box"),
          devices: ["/dev/kvm", { path: "/dev/fuse", access: "rw" }],
          secrets: { db: SECRET, [ODD]: "odd" },
          capabilities: ["CAP_SYS_PACCT"],
          privateUsers: "1342177280:131072",
          restart: { policy: "on-failure", delay: 0.2 },
          watchdog: 60,
          nesting: true,
          ...box,
        });
        const nest = new nspawn.NspawnMachine("nest", {
          rootfs: root("nest"),
          nesting: true,
          privateUsers: false,
          after: [machine, "network-online.target"],
          requires: [machine],
        });
        const one = new nspawn.NspawnMachine("ci-1", { name: "ci-1", rootfs: ci, ephemeral: true });
        const two = new nspawn.NspawnMachine("ci-2", {
          name: "ci-2",
          rootfs: ci,
          ephemeral: true,
          privateUsers: "identity",
        });
        const machines = [machine, nest, one, two];
        return { states: machines.map(({ state }) => state), boots: machines.map(({ bootId }) => bootId) };
      };

    /** The output of a script inside, including its errors. */
    const inside = async (machine: string, script: string) => {
      const flags = "--quiet --pipe --wait --collect --service-type=exec";
      const { stdout, stderr } = await host.exec(`systemd-run -M ${machine} ${flags} sh`, { input: script });
      return `${stdout}${stderr}`.trim();
    };

    const show = (machine: string, ...properties: string[]) =>
      host.sh(`systemctl show ${properties.map((property) => `-p ${property}`).join(" ")} systemd-nspawn@${machine}`);

    const hidden = async () =>
      (await host.sh("ls -A /var/lib/machines")).split("\n").filter((name) => name.startsWith(".#"));

    test("a missing device is refused before the start", async () => {
      const { text } = await stack.up(program());
      expect(text).toMatch(
        /could not start the machine "box" on .*: there is no device \/dev\/kvm\. Load the kernel module that creates it/,
      );
      expect(await host.sh("ls /etc/systemd/nspawn | grep box || :")).toBe("");
    });

    test("a device that cannot be opened inside is refused with the udev rule that opens it", async () => {
      // The numbers are those of loop-control: a machine without KVM cannot open its own.
      await host.sh(
        "mknod -m 0660 /dev/kvm c 10 237; [ -e /dev/fuse ] || mknod -m 0666 /dev/fuse c 10 229; : >/dev/plain",
      );
      const refusal = async (path: string, access: string) => {
        const script = lines([sh`device_present ${path} ${access}`]);
        const target = { connection: connectionTo(host) };
        return run(target, script, { attempt: "look", timeoutSeconds: 60 }).catch((error) =>
          explained(error, [deviceRefusals], {}),
        );
      };
      expect(await refusal("/dev/kvm", "rw")).toMatchObject({
        message: expect.stringMatching(
          /\/dev\/kvm is closed to the machine: it is 660 root:root.*echo 'KERNEL=="kvm", MODE="0666"' \| sudo tee/,
        ),
      });
      expect(await refusal("/dev/kvm", "none")).toEqual([]);
      expect(await refusal("/dev/net", "rw")).toMatchObject({
        message: expect.stringMatching(/\/dev\/net is a directory, not a device\. Write .* \/dev\/net\/tun/),
      });
      expect(await refusal("/dev/plain", "rw")).toMatchObject({
        message: expect.stringMatching(/is not a device node/),
      });
      await host.sh("chmod 0666 /dev/kvm");
    });

    test("all of them start, the cost of nesting is stated once, and a second up changes nothing", async () => {
      const made = await stack.up(program());
      expect(made.text).not.toContain("error:");
      expect(made.text).toMatch(/warning: nesting with `privateUsers: false`: root inside is root on the host/);
      expect(made.text).toMatch(/warning: nesting: the machine, and containers in it, can use the kernel's keyrings/);
      expect(made.outputs.states).toEqual(["running", "running", "running", "running"]);
      const again = await stack.up(program());
      expect(again.changes).toEqual({ same: 9 });
      expect(again.text).not.toContain("nesting");
    });

    test("requested devices open inside, and no others", async () => {
      expect(await inside("box", "exec 3<>/dev/kvm && exec 4<>/dev/fuse && echo open")).toBe("open");
      expect(await inside("nest", "mknod /tmp/kvm c 10 237")).toMatch(/Operation not permitted/);
    });

    test("secrets are credentials of the machine and its services, and of nobody else", async () => {
      expect(await inside("box", "base64 /run/credentials/@system/db; cat '/run/credentials/@system/'o*")).toBe(
        `${Buffer.from(SECRET).toString("base64")}\nodd`,
      );
      const service = "systemd-run --quiet --pipe --wait -p LoadCredential=db -p DynamicUser=yes";
      expect(await inside("box", `${service} sh -c 'base64 $CREDENTIALS_DIRECTORY/db'`)).toBe(
        Buffer.from(SECRET).toString("base64"),
      );
      expect(await inside("box", "ls -l /proc/1/root/run/host/credentials/db")).toMatch(/^-r-------- 1 root root/);
      expect(await host.sh("stat -c %A:%U /etc/systemd/nspawn/box.credentials/*")).toBe(
        "-rw-------:root\n-rw-------:root\n",
      );
      expect(
        await host.sh("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -ac 'hunter[2]' || :"),
      ).toBe("0\n");
      expect(await host.sh("journalctl -q --no-pager | grep -c 'hunter[2]' || :")).toBe("0\n");
      expect(await stack.export()).not.toContain("hunter2");
    });

    test("user IDs and capabilities are the requested ones", async () => {
      expect(await inside("box", "echo $(cat /proc/self/uid_map)")).toBe("0 1342177280 131072");
      expect(await inside("ci-2", "echo $(cat /proc/self/uid_map); stat -c %U /etc/passwd")).toBe("0 0 65536\nroot");
      const pacct = 1n << 20n;
      const bounding = async (machine: string) =>
        BigInt(`0x${await inside(machine, "sed -n 's/^CapBnd:.//p' /proc/1/status")}`);
      expect((await bounding("box")) & pacct).toBe(pacct);
      expect((await bounding("ci-1")) & pacct).toBe(0n);
    });

    test("the unit has the watchdog, the restart policy and the ordering of the program", async () => {
      expect(await show("box", "Restart", "RestartUSec", "WatchdogUSec")).toBe(
        "Restart=on-failure\nRestartUSec=200ms\nWatchdogUSec=1min\n",
      );
      expect(await show("nest", "Requires", "After")).toMatch(
        /Requires=.*systemd-nspawn@box\.service.*\nAfter=.*systemd-nspawn@box\.service/s,
      );
      expect(await show("nest", "After")).toContain("network-online.target");
    });

    test("a killed machine restarts by its policy, and so does the machine that requires it", async () => {
      const before = await show("box", "InvocationID");
      await host.sh("systemctl kill -s KILL --kill-whom=main systemd-nspawn@box");
      const back = async () => (await host.exec("systemctl -M box is-system-running")).stdout.trim() === "running";
      while ((await show("box", "InvocationID")) === before || !(await back())) await pause(200);
      expect(await show("box", "NRestarts")).toBe("NRestarts=1\n");
      while ((await show("nest", "ActiveState")) !== "ActiveState=active\n") await pause(200);
    });

    test("manual damage is repaired: a changed secret, and a copy that a killed machine left behind", async () => {
      const copies = /^\.#(?:machine|snapshot)\.ci[0-9a-f]{16}$/;
      const copiesNow = async () => (await hidden()).filter((name) => copies.test(name));
      const alike = [
        ".#machine.ci",
        ".#machine.ci-10123456789abcdef",
        ".#machine.ci0123456789abcde",
        ".#ci0123456789abcdef",
      ];
      await host.sh(`cd /var/lib/machines && mkdir ${alike.map((name) => `'${name}'`).join(" ")}`);
      const before = await copiesNow();
      await host.sh("echo hunter3 >/etc/systemd/nspawn/box.credentials/db");
      await host.sh("systemctl kill -s KILL --kill-whom=all systemd-nspawn@ci-1");
      const refreshed = await stack.refresh();
      expect(refreshed.changes.update).toBeGreaterThanOrEqual(2);
      expect(await copiesNow()).toEqual(before);
      const repaired = await stack.up(program());
      expect(repaired.text).not.toContain("error:");
      expect(repaired.text).toMatch(/repair: \/etc\/systemd\/nspawn\/box\.credentials\/db/);
      expect(`${refreshed.text}${repaired.text}${await stack.export()}`).not.toMatch(/hunter/);
      expect(await inside("box", "base64 /run/credentials/@system/db")).toBe(Buffer.from(SECRET).toString("base64"));
      // A boot of an ephemeral machine is another DHCP client; leases of former boots would use up the addresses.
      if (suite !== "bookworm") {
        expect(await host.sh("grep -o ClientId /var/lib/systemd/network/dhcp-server-lease/ve-ci-1")).toBe("ClientId\n");
      }
      const after = await copiesNow();
      expect(after).toHaveLength(2);
      expect(after.filter((name) => before.includes(name))).toHaveLength(1);
      expect(await hidden()).toEqual(expect.arrayContaining(alike));
      expect((await hidden()).filter((name) => name.startsWith(".#.#"))).toHaveLength(2);
      await host.sh(`cd /var/lib/machines && rmdir ${alike.map((name) => `'${name}'`).join(" ")}`);
    });

    test("a changed policy is applied live, and a machine that was stopped for another one starts again", async () => {
      const { boots } = (await stack.up(program())).outputs;
      const live = await stack.up(program({ restart: { policy: "no" } }));
      expect(live.outputs.boots).toEqual(boots);
      expect(await show("box", "Restart")).toBe("Restart=no\n");
      const before = await show("nest", "InvocationID");
      const restarted = await stack.up(program({ restart: { policy: "no" }, hostname: "renamed" }));
      expect(restarted.text).not.toContain("error:");
      expect(await inside("box", "hostname")).toBe("renamed");
      expect(await show("nest", "ActiveState")).toBe("ActiveState=active\n");
      expect(await show("nest", "InvocationID")).not.toBe(before);
      while ((await inside("nest", "hostname")) !== "nest") await pause(200);
    });

    test("a machine boots inside a machine, and a container runs there", async () => {
      const script = `
      mkdir -p /var/lib/machines/inner
      tar -C / --one-file-system --exclude=./var/lib/machines --exclude=./dev --exclude=./var/log/journal -cf - . | tar -C /var/lib/machines/inner -xf -
      mkdir -p /var/lib/machines/inner/dev; : >/var/lib/machines/inner/etc/machine-id
      systemctl start systemd-nspawn@inner
      until systemctl -M inner is-system-running 2>/dev/null | grep -E 'running|degraded'; do systemctl -q is-active systemd-nspawn@inner || exit 1; sleep 0.2; done
      systemd-run -M inner --quiet --pipe --wait hostname
    `;
      expect(await inside("nest", script)).toMatch(/^(running|degraded)\ninner$/);
      if (packages.length === 0) return;
      expect(await inside("nest", CONTAINER)).toBe("from a container");
      expect(await inside("box", CONTAINER)).toBe("from a container");
    });

    test("destroy leaves no copy, lock, secret or file", async () => {
      expect((await stack.destroy()).text).not.toContain("error:");
      expect(await hidden()).toEqual([]);
      expect(await host.sh("ls -A /etc/systemd/nspawn /var/lib/pulumi-nspawn 2>/dev/null || :")).toBe("");
      expect(await host.sh("ls -d /etc/systemd/system/systemd-nspawn@* 2>/dev/null || :")).toBe("");
    });
  },
);

/** Runs a container from the machine's own shell; the test hosts have no cgroup controllers to limit it with. */
const CONTAINER = `
  mkdir -p /tmp/tiny && cd /tmp/tiny
  for file in /bin/sh /bin/echo $(ldd /bin/sh /bin/echo | grep -o '/[^ ):]*' | sort -u); do mkdir -p ".$(dirname $file)"; cp -L $file ".$file"; done
  tar -cf /tmp/tiny.tar . && podman import --quiet /tmp/tiny.tar tiny >/dev/null
  podman run --rm --cgroups=disabled --network=none tiny /bin/sh -c 'echo from a container'
`;
