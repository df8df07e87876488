import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import type { Run } from "../support/run";
import { Stack } from "../support/stack";

/** What a test changes in the program. */
interface Changes {
  readonly hostname?: string;
  readonly memory?: string;
  readonly port?: number;
  readonly mount?: boolean;
  readonly second?: boolean;
  readonly file?: string;
}

const SETTINGS = "/etc/systemd/nspawn/box.nspawn";
const RECORDS = "/var/lib/pulumi-nspawn";

/** Each fault: an error that says what and where, nothing half written, and then a plain `up` that converges. */
describe("a host whose disk is full or read-only, or whose daemons hang", () => {
  let host: TestHost;
  let stack: Stack;

  const program =
    ({ hostname = "box", memory = "1GiB", port = 8080, mount = false, second = false, file }: Changes = {}) =>
    async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host) });
      const rootfs = new nspawn.DebianRootfs("box", { host: server });
      const network = new nspawn.VethNetwork("net", { host: server, subnet: "10.77.1.0/24" });
      if (second) new nspawn.VethNetwork("second", { host: server, subnet: "10.77.2.0/24" });
      const machine = new nspawn.NspawnMachine("box", {
        rootfs,
        hostname,
        limits: { memory },
        networks: [network.attach({ ports: [{ host: port, guest: 80 }] })],
      });
      if (mount)
        new nspawn.BindMount("data", {
          host: server,
          source: "/srv/full-disk/data",
          target: "/data",
          create: { owner: 0, group: 0 },
        });
      if (file !== undefined)
        new nspawn.Provision("inside", { machine, files: [{ path: file, content: "x".repeat(100_000) }] });
      return { bootId: machine.bootId };
    };

  beforeAll(async () => {
    host = await upWithBase({ name: "full-disk", suite: "trixie" });
    stack = await Stack.create("dev");
    expect((await stack.up(program())).ok).toBe(true);
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  /** Everything in these directories, by content. */
  const files = () =>
    host.sh(
      `find /etc/systemd /etc/pulumi-nspawn /etc/sysctl.d ${RECORDS} -type f ! -path '*/fill*' -exec sha256sum {} + | sort`,
    );
  const bootId = () => inBox(host, "cat /proc/sys/kernel/random/boot_id");

  /** A directory on a small file system of its own, which is full of bytes or of files. */
  async function full(directory: string, what: "bytes" | "inodes", work: () => Promise<void>): Promise<void> {
    const inodes = what === "inodes" ? ",nr_inodes=200" : "";
    const fill =
      what === "bytes"
        ? `dd if=/dev/zero of=${directory}/fill bs=4k status=none 2>/dev/null || :`
        : `mkdir ${directory}/fill.d; i=0; while : 2>/dev/null >${directory}/fill.d/$i; do i=$((i + 1)); done 2>/dev/null || :`;
    await host.sh(
      `cp -a ${directory} /root/kept; mount -t tmpfs -o size=1M,mode=0755${inodes} tmpfs ${directory}; cp -a /root/kept/. ${directory}; (${fill}); rm -r /root/kept`,
    );
    try {
      await work();
    } finally {
      await host.sh(
        `rm -rf ${directory}/fill ${directory}/fill.d; cp -a ${directory} /root/kept; umount ${directory}; rm -rf ${directory}/*; cp -a /root/kept/. ${directory}; rm -r /root/kept`,
      );
    }
  }

  async function readOnly(directory: string, work: () => Promise<void>): Promise<void> {
    await host.sh(`mount --bind ${directory} ${directory} && mount -o remount,ro,bind ${directory}`);
    try {
      await work();
    } finally {
      await host.sh(`umount ${directory}`);
    }
  }

  async function hanging(unit: string, work: () => Promise<void>): Promise<void> {
    await host.sh(`systemctl kill -s STOP --kill-whom=main ${unit}`);
    try {
      await work();
    } finally {
      await host.sh(`systemctl kill -s CONT --kill-whom=main ${unit}`);
    }
  }

  async function failed(running: Promise<Run>): Promise<string> {
    const run = await running;
    if (run.ok) throw new Error(`the run was expected to fail; it said: ${run.text}${JSON.stringify(run.changes)}`);
    const said = run.text.split("\n").filter((line) => /could not/.test(line));
    return said.join("\n");
  }

  /** An `up` that fails while this holds, changes nothing, and succeeds afterwards; then another one has nothing to do. */
  async function survives(changes: Changes, message: RegExp, during: (work: () => Promise<void>) => Promise<void>) {
    const boot = await bootId();
    await during(async () => {
      const before = await files();
      expect(await failed(stack.up(program(changes)))).toMatch(message);
      expect(await files()).toBe(before);
      expect(await host.sh("find /etc /var/lib/pulumi-nspawn -name '*.new'")).toBe("");
      expect(await bootId()).toBe(boot);
    });
    const run = await stack.up(program(changes));
    expect(run.text).not.toContain("error:");
    const { same = 0, ...others } = (await stack.up(program(changes))).changes;
    expect([same > 0, others]).toEqual([true, {}]);
  }

  test.each([
    ["the settings", "/etc/systemd/nspawn", { hostname: "one" }, `${SETTINGS}`],
    ["the limits", "/etc/systemd/system", { hostname: "one", memory: "2GiB" }, "/etc/systemd/system/.*\\.conf"],
    ["a part of the table", "/etc/pulumi-nspawn", { hostname: "one", port: 8081 }, "/etc/pulumi-nspawn/nftables/60-.*"],
    ["a marker", RECORDS, { hostname: "one", mount: true }, `${RECORDS}/sources/.*`],
  ])("no space is left for %s in %s", async (_what, directory, changes, path) => {
    const message = new RegExp(
      `${path} could not be written: no space is left on the file system ${directory} \\(0 MiB free\\)\\. Free some there`,
    );
    await survives(changes, message, (work) => full(directory, "bytes", work));
    await stack.up(program({ hostname: "one" }));
  });

  test.each([
    ["the settings", "/etc/systemd/nspawn", { hostname: "two" }],
    ["a network", RECORDS, { hostname: "two", second: true }],
  ])("no inodes are left for %s in %s", async (_what, directory, changes) => {
    const message = new RegExp(`could not be written: no inodes are left on the file system ${directory}\\.`);
    await survives(changes, message, (work) => full(directory, "inodes", work));
    await stack.up(program({ hostname: "two" }));
  });

  test.each([
    ["settings", { hostname: "three" }],
    ["limits", { hostname: "two", memory: "3GiB" }],
    ["a network", { hostname: "two", second: true }],
  ])("/etc is read-only for %s", async (_what, changes) => {
    const message = /\/etc\/\S+ could not be written: the file system \/etc is read-only\./;
    const boot = await bootId();
    await readOnly("/etc", async () => {
      expect(await failed(stack.up(program(changes)))).toMatch(message);
      expect(await bootId()).toBe(boot);
    });
    expect((await stack.up(program(changes))).text).not.toContain("error:");
    await stack.up(program({ hostname: "two" }));
  });

  test("no space is left for a file inside the machine", async () => {
    await inBox(host, "mkdir -p /srv/small; mount -t tmpfs -o size=16k tmpfs /srv/small");
    expect(await failed(stack.up(program({ hostname: "two", file: "/srv/small/large" })))).toMatch(
      /\/srv\/small\/large could not be written: no space is left on the file system \/srv\/small/,
    );
    expect(await inBox(host, "ls -A /srv/small")).toBe("");
    await inBox(host, "umount /srv/small");
    expect((await stack.up(program({ hostname: "two", file: "/srv/small/large" }))).text).not.toContain("error:");
    await stack.up(program({ hostname: "two" }));
  });

  test("a machine is not stopped while systemd-networkd hangs", async () => {
    const boot = await bootId();
    await hanging("systemd-networkd.service", async () => {
      expect(await failed(stack.up(program({ hostname: "four" })))).toMatch(
        /systemd-networkd\.service does not answer there, so the machine was not stopped.*still runs/,
      );
    });
    expect(await bootId()).toBe(boot);
    expect((await stack.up(program({ hostname: "four" }))).text).not.toContain("error:");
  });

  test("a machine is not stopped while the bus hangs", async () => {
    const boot = await bootId();
    await hanging("dbus.service", async () => {
      // sshd opens its sessions by way of the bus, too: it may not even come to the question.
      expect(await failed(stack.up(program({ hostname: "bus" })))).toMatch(
        /dbus\.service does not answer there, so the machine was not stopped|the connection was lost|did not answer/,
      );
    });
    expect(await bootId()).toBe(boot);
    expect((await stack.up(program({ hostname: "bus" }))).text).not.toContain("error:");
  });

  test("a machine starts again if networkd fails after its stop", async () => {
    const command = "/usr/local/sbin/networkctl";
    await host.sh(`printf '#!/bin/sh\\necho Connection timed out >&2\\nexit 1\\n' >${command}; chmod +x ${command}`);
    try {
      const text = await failed(stack.up(program({ hostname: "five" })));
      expect(text).toMatch(/does not reload its files: .*The machine had been stopped for this, and runs again\./);
    } finally {
      await host.sh(`rm ${command}`);
    }
    await host.sh("until systemctl -M box is-system-running | grep -q -e running -e degraded; do sleep 0.2; done");
    expect(await inBox(host, "hostname")).toBe("five");
    const boot = await bootId();
    expect((await stack.up(program({ hostname: "five" }))).text).not.toContain("error:");
    expect(await bootId()).toBe(boot);
  });

  test("a machine that does not start again is said to be down", async () => {
    const dropIn = "/run/systemd/system/systemd-nspawn@box.service.d/10-broken.conf";
    await host.sh(`mkdir -p "$(dirname ${dropIn})"; printf '[Service]\\nExecStartPre=/bin/false\\n' >${dropIn}`);
    await host.sh("systemctl daemon-reload");
    const text = await failed(stack.up(program({ hostname: "six" })));
    expect(text).toMatch(
      /its unit did not start\. The machine had been stopped for this, and could not be started again: it is down\..*systemctl start/,
    );
    await host.sh(`rm ${dropIn}; systemctl daemon-reload`);
    expect((await stack.up(program({ hostname: "six" }))).text).not.toContain("error:");
    expect(await inBox(host, "hostname")).toBe("six");
  });

  test("settings that are dated a day ahead restart nothing", async () => {
    await host.sh(`touch -d '1 day' ${SETTINGS}`);
    const boot = await bootId();
    for (const memory of ["2GiB", "3GiB"]) {
      expect((await stack.up(program({ hostname: "six", memory }))).text).not.toContain("error:");
    }
    expect(await bootId()).toBe(boot);
  });
});
