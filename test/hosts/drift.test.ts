import { z } from "zod";
import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { inside } from "../support/network";
import { Stack } from "../support/stack";

const UNIT = "systemd-nspawn@box.service";
const DROP_INS = `/etc/systemd/system/${UNIT}.d`;

const exported = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        outputs: z.object({ drift: z.record(z.string(), z.string()).optional() }).optional(),
      }),
    ),
  }),
});

/** Everything that an input says is read from where it is in force, and restored by the next `up`. */
describe("what somebody changes on a host", () => {
  let host: TestHost;
  let stack: Stack;
  let bootId: unknown;

  const program = async () => {
    const server = new nspawn.Host("server", { connection: connectionTo(host) });
    const rootfs = new nspawn.DebianRootfs("box", { host: server });
    const net = new nspawn.VethNetwork("dev", {
      host: server,
      subnet: "10.42.1.0/24",
      subnet6: "fd42:1::/64",
      dns: "stub",
    });
    const seg = new nspawn.VethNetwork("seg", { host: server, subnet: "10.43.0.0/24", mode: "zone" });
    const source = new nspawn.BindMount("work", {
      host: server,
      source: "/srv/drift/work",
      target: "/work",
      create: {},
    });
    const machine = new nspawn.NspawnMachine("box", {
      rootfs,
      networks: [net.attach({ address: "10.42.1.5", ports: ["8080:80"] }), seg.attach({ address: "10.43.0.5" })],
      mounts: [source],
      limits: { memory: "512MiB", cpus: 1.5, tasks: 900, io: { weight: 50 } },
      restart: { policy: "on-failure", delay: 1.5 },
      watchdog: 90,
    });
    return { bootId: machine.bootId };
  };

  /** The drift in the stack's state, by the names of the resources. */
  async function drifts(): Promise<Record<string, Record<string, string>>> {
    const { resources } = exported.parse(JSON.parse(await stack.export())).deployment;
    return Object.fromEntries(
      resources.flatMap(({ urn, outputs }) => {
        const drift = outputs?.drift ?? {};
        return Object.keys(drift).length === 0 ? [] : [[urn.split("::").slice(-1)[0] ?? urn, drift]];
      }),
    );
  }

  async function seen(): Promise<Record<string, Record<string, string>>> {
    const { ok, text } = await stack.refresh();
    if (!ok) throw new Error(text);
    return drifts();
  }

  async function repaired(): Promise<void> {
    const run = await stack.up(program);
    if (!run.ok) throw new Error(run.text);
    bootId = run.outputs.bootId;
    expect(await seen()).toEqual({});
    expect((await stack.refresh()).changes).toEqual({ same: 7 });
    expect((await stack.up(program)).changes).toEqual({ same: 7 });
  }

  const shown = async (...properties: string[]) =>
    (await host.sh(`systemctl show ${properties.map((one) => `-p ${one}`).join(" ")} ${UNIT}`))
      .trim()
      .split("\n")
      .sort();

  beforeAll(async () => {
    host = await upWithBase({ name: "drift", suite: "trixie", filesystem: "btrfs" });
    stack = await Stack.create("dev");
    await repaired();
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  test("is restored while the machine runs, and what the program does not set stays", async () => {
    const before = bootId;
    // It makes systemd read all files again, as daemon-reload does: what is set after that is in force.
    await host.sh(`set -e
systemctl disable machines.target
systemctl set-property ${UNIT} MemoryMax=111M CPUQuota=20% MemoryLow=1M
systemctl set-property --runtime ${UNIT} TasksMax=800
printf '[Service]\\nRestart=no\\nIOWeight=7\\nNice=5\\n' >${DROP_INS}/99-local.conf
systemctl daemon-reload
systemctl set-property ${UNIT} MemoryMax=111M CPUQuota=20%
systemctl set-property --runtime ${UNIT} TasksMax=800
ip route del 10.42.1.5 dev ve-box
ip address del 10.42.1.1/32 dev ve-box
ip link set dev vx1-box nomaster
ip address del 10.43.0.1/24 dev vz-seg
nft flush chain inet pulumi_nspawn ports
echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
mv /etc/systemd/resolved.conf.d/70-pulumi-nspawn-dev.conf /root
systemctl restart systemd-resolved
mv /root/70-pulumi-nspawn-dev.conf /etc/systemd/resolved.conf.d`);
    const found = await seen();
    expect(found.box).toEqual({
      limits:
        "-MemoryMax=536870912\n+MemoryMax=116391936\n-CPUQuota=150%\n+CPUQuota=20%\n-TasksMax=900\n+TasksMax=800\n-IOWeight=50\n+IOWeight=7",
      restart: "-Restart=on-failure\n+Restart=no",
      networks:
        "-ve-box: Address=10.42.1.1/32\n-ve-box: Destination=10.42.1.5\n-vx1-box: Bridge=vz-seg\n" +
        "-meta nfproto ipv4 tcp dport 8080 dnat ip to 10.42.1.5:80",
    });
    expect(found.dev).toMatchObject({
      "net.ipv6.conf.all.forwarding": "-1\n+0",
      dns: "-DNSStubListenerExtra=10.42.1.1",
      nftables: expect.stringContaining("dport 8080"),
    });
    expect(found.seg).toMatchObject({ subnet: "-vz-seg: Address=10.43.0.1/24" });
    const preview = await stack.preview(program);
    expect(preview.text).toMatch(/live: autostart; repair: limits, networks, restart/);
    await repaired();
    expect(bootId).toBe(before);
    expect(await shown("MemoryMax", "TasksMax", "Restart", "MemoryLow", "Nice")).toEqual([
      ...["MemoryLow=1048576", "MemoryMax=536870912", "Nice=5", "Restart=on-failure", "TasksMax=900"],
    ]);
    expect(await host.sh(`cat ${DROP_INS}/99-local.conf`)).toBe("[Service]\nNice=5\n");
    expect(await host.sh("systemctl is-enabled machines.target")).toBe("enabled\n");
    expect(await host.sh("ip route get 10.42.1.5")).toContain("dev ve-box");
  });

  test("is restored by a start of the machine if it has to be", async () => {
    const before = bootId;
    await host.sh(`set -e
systemctl mask ${UNIT}
rm -r /srv/drift/work; mkdir /srv/drift/work
sed -i '0,/^\\[Route\\]$/b; /^\\[Route\\]$/d' /etc/systemd/network/70-ve-box.network`);
    const found = await seen();
    expect(found.box).toEqual({
      unit: "-LoadState=loaded\n+LoadState=masked",
      mounts: "-/srv/drift/work:/work",
      "/etc/systemd/network/70-ve-box.network": "-[Route]",
    });
    await repaired();
    expect(bootId).not.toBe(before);
    await host.sh("touch /srv/drift/work/here");
    expect(await inside(host, "box", "ls /work")).toBe("here");
  });

  test("is restored if another unit file replaces the shipped one, or a link is gone", async () => {
    await host.sh(`set -e
sed s/--settings=override/--settings=no/ /usr/lib/systemd/system/systemd-nspawn@.service >/etc/systemd/system/${UNIT}
sed -i 's/^Watchdog.*//' ${DROP_INS}/90-pulumi-nspawn-service.conf
ip link del vx1-box`);
    const found = await seen();
    expect(found.box).toMatchObject({
      unit: "-NeedDaemonReload=no\n+NeedDaemonReload=yes",
      [`${DROP_INS}/90-pulumi-nspawn-service.conf`]: "-WatchdogSec=90000ms\n+",
      networks: "-vx1-box",
    });
    await host.sh("systemctl daemon-reload");
    expect((await seen()).box).toMatchObject({
      unit: `+FragmentPath=/etc/systemd/system/${UNIT}`,
    });
    await repaired();
    expect(await shown("WatchdogUSec", "FragmentPath")).toEqual([
      "FragmentPath=/usr/lib/systemd/system/systemd-nspawn@.service",
      "WatchdogUSec=1min 30s",
    ]);
  });

  test("is refused with its lines if it is for all machines of the host", async () => {
    const path = "/etc/systemd/system/systemd-nspawn@.service.d/99-all.conf";
    await host.sh(`mkdir -p $(dirname ${path}); printf '[Service]\\nTasksMax=7\\n' >${path}; systemctl daemon-reload`);
    expect((await seen()).box).toEqual({ limits: "-TasksMax=900\n+TasksMax=7" });
    const run = await stack.up(program);
    expect(run.ok).toBe(false);
    expect(run.text).toContain(
      `${path}, a drop-in for all machines there, overrides what the machine "box" sets: TasksMax=7`,
    );
    await host.sh(`rm ${path}`);
    await repaired();
  });
});
