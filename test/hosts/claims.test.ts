import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import * as nspawn from "../../index";
import { lockFile } from "../../provider/host/exclusion";
import { rootLock } from "../../provider/host/roots/generations";
import { upWithBase } from "../support/bases";
import { inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { startProxy, type TcpProxy } from "../support/hosts/proxy";
import { killProvider } from "../support/kill";
import { Stack } from "../support/stack";

const trees = "cd /var/lib/machines && find . -mindepth 1 -maxdepth 1 -name '*box*' ! -name '*.lck' | sort";
const left =
  "cd /; find var/lib/pulumi-nspawn etc/pulumi-nspawn etc/systemd/nspawn/*.nspawn var/lib/machines/*box* -maxdepth 2 2>/dev/null || true";

/** A create of a root waits for its lock. */
const WAITS_FOR_ROOT = "pgrep -f '^flock -w 900 9'";

/** A machine's systemd starts, and then the script that waited for it ends. */
const booting = {
  begun: "systemctl -q is-active systemd-nspawn@box",
  ended: '! pgrep -f "^timeout -k" && [ -e /run/pulumi-nspawn/started/box ]',
};

const exportedUrns = z
  .object({ deployment: z.object({ resources: z.array(z.object({ urn: z.string() })).optional() }) })
  .transform(({ deployment }) => (deployment.resources ?? []).map(({ urn }) => urn));

describe("whose an object on a host is", () => {
  let host: TestHost;
  let proxy: TcpProxy;
  let hostKey: string;
  let stack: Stack;

  interface Options {
    readonly networks?: "none"[];
    readonly adopt?: boolean;
    readonly memory?: "512MiB";
    readonly network?: string;
  }

  /** One of everything that the machine "box" needs. */
  const program =
    ({ adopt = false, network = "dev", networks, memory }: Options = {}) =>
    async () => {
      const { knownHostsFile: _file, ...connection } = {
        ...connectionTo(host),
        host: proxy.address,
        port: proxy.port,
        hostKey,
      };
      const server = new nspawn.Host("server", { connection });
      const net = new nspawn.VethNetwork(network, { host: server, subnet: "10.77.1.0/24", adopt });
      const home = new nspawn.BindMount("home", {
        host: server,
        source: "/srv/claims/box",
        target: "/srv/home",
        create: { owner: 1000, group: 1000 },
        adopt,
      });
      const rootfs = new nspawn.DebianRootfs("box", { host: server, dataLoss: "allow", adopt });
      const box = new nspawn.NspawnMachine("box", {
        rootfs,
        networks: networks ?? [net],
        mounts: [home],
        adopt,
        ...(memory && { limits: { memory } }),
      });
      return { bootId: box.bootId };
    };

  /** State and host agree, and nothing is left to do. */
  async function expectAgreement(options: Options = {}): Promise<void> {
    for (const run of [await stack.up(program(options)), await stack.refresh()]) {
      expect(run.text).not.toContain("error:");
      expect(Object.keys(run.changes)).toEqual(["same"]);
    }
    expect((await host.sh(trees)).trim()).toBe("./box");
  }

  async function until(condition: string): Promise<void> {
    while ((await host.exec(condition)).exitCode !== 0) await pause(50);
  }

  interface Moment {
    /** A lock of the host that the create waits for until no answer gets through any more. */
    readonly lock?: string;
    readonly begun: string;
    readonly ended: string;
  }

  /** Keeps the host's answers back when it has got so far, and kills the provider once the script there has ended. */
  async function killed(run: () => Promise<{ readonly text: string }>, { lock, begun, ended }: Moment): Promise<void> {
    const held = lock === undefined ? undefined : await hold(lock);
    const running = run();
    const early = running.then(({ text }) => Promise.reject(new Error(text)));
    const gotSoFar = async () => {
      await until(begun);
      // It is made at the same time, and an answer about it could be held back, too.
      if (held !== undefined) await recorded("home");
    };
    await Promise.race([gotSoFar(), early]);
    proxy.stall("answers");
    await held?.release();
    await until(ended);
    await killProvider(stack.directory);
    proxy.cut();
    proxy.resume();
    expect((await running).text).toContain("error:");
  }

  async function recorded(name: string): Promise<void> {
    while (!exportedUrns.parse(JSON.parse(await stack.export())).some((urn) => urn.endsWith(`::${name}`)))
      await pause(50);
  }

  async function hold(lock: string): Promise<{ release(): Promise<void> }> {
    const held = host.exec(
      `install -d -m 0700 /run/pulumi-nspawn; flock ${lock} sh -c 'touch /run/held; while [ -e /run/held ]; do sleep 0.05; done'`,
    );
    await until("[ -e /run/held ]");
    return {
      release: async () => {
        await host.sh("rm /run/held");
        await held;
      },
    };
  }

  beforeAll(async () => {
    host = await upWithBase({ name: "claims", suite: "trixie" });
    hostKey = (await host.sh("cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub")).trim();
    proxy = await startProxy({ host: host.address, port: host.port });
  });
  beforeEach(async () => {
    stack = await Stack.create("dev");
  });
  afterEach(async () => {
    await stack.destroy();
    await stack.dispose();
    await host.sh("rm -rf /srv/claims /var/lib/pulumi-nspawn");
  });
  afterAll(async () => {
    await proxy.close();
    await host.down();
  });

  test("a root that nobody recorded never boots, and goes with the one that has its name", async () => {
    expect((await stack.up(program())).text).not.toContain("error:");
    await inBox(host, "echo kept >/root/kept");
    const target = "urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:DebianRootfs::box";
    await killed(() => stack.up(program(), { replace: [target] }), {
      lock: lockFile(rootLock("box")),
      begun: WAITS_FOR_ROOT,
      ended:
        'cd /var/lib/pulumi-nspawn/rootfs && [ "$(grep -l \'"complete": true\' *.json | wc -l)" = 2 ] && ! pgrep -f "^timeout -k"',
    });
    expect((await host.sh(trees)).trim().split("\n")).toHaveLength(2);

    const { bootId } = (await stack.up(program())).outputs;
    const live = await stack.up(program({ memory: "512MiB" }));
    expect(live.text).not.toContain("error:");
    expect(live.outputs.bootId).toBe(bootId);
    expect(await inBox(host, "cat /root/kept")).toBe("kept");

    expect((await stack.destroy()).text).not.toContain("error:");
    expect((await host.sh(trees)).trim()).toBe("");
  });

  test.each(["none", "dev"])(
    "a machine whose provider was killed while it booted is its own (network: %s)",
    async (net) => {
      const options: Options = net === "none" ? { networks: ["none"] } : {};
      await killed(() => stack.up(program(options)), booting);
      const run = await stack.up(program(options));
      expect(run.text).not.toContain("error:");
      await expectAgreement(options);
      expect((await stack.destroy()).text).not.toContain("error:");
      expect((await host.sh(left)).trim()).toBe("");
    },
  );

  test.each<[string, Moment]>([
    ["a machine that booted", booting],
    [
      "a network",
      {
        lock: "/run/pulumi-nspawn/networks.lock",
        begun: "pgrep -f '^flock -w 100 8'",
        ended: 'systemctl -q is-active pulumi-nspawn-nftables && ! pgrep -f "^timeout -k"',
      },
    ],
    [
      "a root",
      {
        lock: lockFile(rootLock("box")),
        begun: WAITS_FOR_ROOT,
        ended: '! pgrep -f "^timeout -k" && grep -q \'"complete": true\' /var/lib/pulumi-nspawn/rootfs/box@*.json',
      },
    ],
  ])("a destroy right after a killed `up` also removes what that left: %s", async (_, moment) => {
    await killed(() => stack.up(program()), moment);
    const run = await stack.destroy();
    expect(run.text).not.toContain("error:");
    expect(run.text).toContain("was left by an interrupted run, unknown to any state. It is removed too.");
    expect((await host.sh(left)).trim()).toBe("");
  });

  test("another person with the same names is refused before anything is made", async () => {
    expect((await stack.up(program())).text).not.toContain("error:");
    await inBox(host, "echo kept >/root/kept; echo home >/srv/home/file");
    const before = await host.sh(`${trees}; cat /var/lib/pulumi-nspawn/*/*.json`);
    const theirs = await Stack.create("dev");
    try {
      const run = await theirs.up(program(), { continueOnError: true });
      expect(run.text).toContain("belongs to urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:DebianRootfs::box");
      expect(await host.sh(`${trees}; cat /var/lib/pulumi-nspawn/*/*.json`)).toBe(before);
      await theirs.destroy();
      expect(await host.sh(`${trees}; cat /var/lib/pulumi-nspawn/*/*.json`)).toBe(before);
    } finally {
      await theirs.dispose();
    }
    await expectAgreement();
    expect(await inBox(host, "cat /root/kept /srv/home/file")).toBe("kept\nhome");
  });

  test("a lost state is made again from what is there, with `adopt: true`, while the machine runs", async () => {
    const { bootId } = (await stack.up(program())).outputs;
    await inBox(host, "echo kept >/root/kept");
    await stack.cli("stack", "rm", "--yes", "--force");
    await stack.dispose();
    stack = await Stack.create("dev");
    const run = await stack.up(program({ adopt: true }));
    expect(run.text).not.toContain("error:");
    expect(run.outputs.bootId).toBe(bootId);
    expect(await inBox(host, "cat /root/kept")).toBe("kept");
    await expectAgreement({ adopt: true });
  });

  test("an adoption that fails changes nothing", async () => {
    expect((await stack.up(program())).text).not.toContain("error:");
    const before = await host.sh("cat /var/lib/pulumi-nspawn/*/*.json");
    const theirs = await Stack.create("dev");
    try {
      await host.sh("systemctl stop systemd-networkd.socket systemd-networkd");
      const net = async () => {
        const server = new nspawn.Host("server", { connection: connectionTo(host) });
        new nspawn.VethNetwork("dev", { host: server, subnet: "10.77.1.0/24", adopt: true });
      };
      expect((await theirs.up(net)).text).toContain("error:");
      expect(await host.sh("cat /var/lib/pulumi-nspawn/*/*.json")).toBe(before);
    } finally {
      await host.sh("systemctl start systemd-networkd");
      await theirs.dispose();
    }
    await expectAgreement();
  });

  test("a program that was destroyed has its directory with all its data again", async () => {
    expect((await stack.up(program())).text).not.toContain("error:");
    await host.sh("echo data >/srv/claims/box/file");
    expect((await stack.destroy()).text).not.toContain("error:");
    const run = await stack.up(program());
    expect(run.text).not.toContain("error:");
    expect(await inBox(host, "cat /srv/home/file")).toBe("data");
    await expectAgreement();
  });
});
