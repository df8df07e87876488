import * as nspawn from "../../index";
import { ensureMachine } from "../../provider/host/machines/ensure-machine";
import { run } from "../../provider/remote";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { inside as insideOf } from "../support/network";
import { Stack } from "../support/stack";
import { withSystemctl } from "../support/systemctl";

/** The kinds of machine other than the usual one, all on one host and from one base. */
describe("machines of several kinds on one host", () => {
  let host: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await upWithBase({ name: "kinds", suite: "trixie" });
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const inside = (machine: string, command: string) => insideOf(host, machine, command);

  const program = async () => {
    const server = new nspawn.Host("server", { connection: connectionTo(host) });
    const root = (name: string) => new nspawn.DebianRootfs(name, { host: server });
    const shared = root("shared");
    const one = new nspawn.NspawnMachine("ci-1", { name: "ci-1", rootfs: shared, ephemeral: true });
    const two = new nspawn.NspawnMachine("ci-2", { name: "ci-2", rootfs: shared, ephemeral: true });
    const open = new nspawn.NspawnMachine("open", {
      rootfs: root("open"),
      networks: ["host"],
      privateUsers: false,
      environment: { GREETING: `it's "fine" 100%` },
      settings: { Exec: { LimitNOFILE: "512:1024", OOMScoreAdjust: 300, NotifyReady: true } },
    });
    const alone = new nspawn.NspawnMachine("alone", {
      rootfs: root("alone"),
      networks: ["none"],
      waitFor: "booted",
      settings: { Exec: { DropCapability: ["CAP_MKNOD"] }, Network: { MACVLAN: ["eth0"] } },
    });
    return { states: [one.state, two.state, open.state, alone.state], open: open.addresses };
  };

  test("all of them start, and two ephemeral ones run from one root", async () => {
    const made = await stack.up(program);
    expect(made.text).not.toContain("error:");
    expect(made.outputs.states).toEqual(["running", "running", "running", "running"]);
    expect(await inside("ci-1", "hostname; touch /root/one; ls /root")).toBe("ci-1\none");
    expect(await inside("ci-2", "hostname; ls /root")).toBe("ci-2");
    expect(await host.sh("ls -A /var/lib/machines/shared/root | grep one || :")).toBe("");
    expect((await stack.up(program)).changes).toEqual({ same: Object.values(made.changes)[0] });
  });

  test("what an ephemeral machine wrote is gone after a restart", async () => {
    await host.sh("systemctl restart systemd-nspawn@ci-1");
    await stack.refresh();
    expect((await stack.up(program)).text).not.toContain("error:");
    expect(await inside("ci-1", "ls /root")).toBe("");
  });

  test("a machine on the host's network has the host's address and the given environment", async () => {
    expect(await inside("open", "ip -br -4 addr show eth0")).toContain(host.address);
    expect(await inside("open", "tr \\\\0 \\\\n </proc/1/environ | grep ^GREETING")).toBe(`GREETING=it's "fine" 100%`);
    expect(await inside("open", "echo $(cat /proc/self/uid_map)")).toBe("0 0 4294967295");
  });

  test("a machine has the given settings of systemd.nspawn(5)", async () => {
    expect(await inside("open", 'cat /proc/1/oom_score_adj; grep -o "Max open files.* 1024 " /proc/1/limits')).toMatch(
      /^300\nMax open files/,
    );
    expect(await inside("alone", "ls /sys/class/net")).toBe("lo\nmv-eth0");
  });

  test("a setting that is too new for the systemd, or names something missing, is refused beforehand", async () => {
    const late = (settings: nspawn.NspawnSettings) => async () => {
      const reported = await program();
      const rootfs = { id: "shared@1", name: "shared", host: { connection: connectionTo(host) } };
      new nspawn.NspawnMachine("ci-3", { name: "ci-3", rootfs, ephemeral: true, settings });
      return reported;
    };
    const newer = await stack.up(late({ Exec: { RestrictAddressFamilies: ["AF_INET"] } }));
    expect(newer.text).toMatch(/settings\.Exec\.RestrictAddressFamilies needs systemd 261, and the host has 257/);
    const missing = await stack.up(late({ Network: { Interface: ["eth7"] } }));
    expect(missing.text).toMatch(/the host has no interface "eth7"/);
    const mistaken = await stack.preview(late({ lines: { Exec: ["Boot=no"] } }));
    expect(mistaken.text).toMatch(/settings\.lines\.Exec\.0: "Boot" is not set here\. A machine always boots/);
    expect(await host.sh("ls /etc/systemd/nspawn /var/lib/pulumi-nspawn/machines | grep ci-3 || :")).toBe("");
  });

  test("only an ephemeral machine may have its own name, and the preview says so", async () => {
    const refused = await stack.preview(async () => {
      const rootfs = { id: "shared@1", name: "shared", host: { connection: connectionTo(host) } };
      new nspawn.NspawnMachine("other", { name: "other", rootfs });
    });
    expect(refused.ok).toBe(false);
    expect(refused.text).toMatch(
      /"other" is not the name of the root, "shared": only an ephemeral machine may have its own/,
    );
  });

  test("a machine that does not boot shows its own output, and remains Pulumi's to fix", async () => {
    const broken = (setup: string) => async () => {
      await program();
      const rootfs = new nspawn.DebianRootfs("broken", { host: { connection: connectionTo(host) }, setup });
      new nspawn.NspawnMachine("broken", { rootfs, timeouts: { create: 60, update: 60 } });
    };
    const script =
      "printf '#!/bin/sh\\necho no coffee left\\nexit 3\\n' >/sbin/coffee; chmod +x /sbin/coffee; ln -sf coffee /sbin/init; ln -sf /sbin/coffee /usr/lib/systemd/systemd";
    const failed = await stack.up(broken(script));
    expect(failed.ok).toBe(false);
    expect(failed.text).toMatch(
      /could not start the machine "broken" on .*: (its unit did not start|it stopped before it was booted)/,
    );
    expect(failed.text).toContain("no coffee left");
    await host.sh("ln -sf /usr/lib/systemd/systemd /var/lib/machines/broken/sbin/init");
    const preview = await stack.preview(broken(script));
    expect(preview.text).toMatch(/repair: the last update did not finish/);
    await stack.up(program);
    expect(await host.sh("ls /var/lib/machines /etc/systemd/nspawn | grep broken || :")).toBe("");
  });

  test("a create resumes the unfinished work of a killed one, but not another resource's", async () => {
    const late = async () => {
      await program();
      const rootfs = new nspawn.DebianRootfs("late", { host: { connection: connectionTo(host) } });
      new nspawn.NspawnMachine("late", { rootfs, waitFor: "booted" });
    };
    const marker = (urn: string) =>
      host.sh(
        `printf '{"owner":"gone","complete":"no","root":"late","urn":"${urn}"}' >/var/lib/pulumi-nspawn/machines/late.json`,
      );
    await marker("urn:somebody");
    expect((await stack.up(late)).text).toMatch(/the machine "late" there belongs to urn:somebody.*`adopt: true`/);
    await marker("urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:NspawnMachine::late");
    expect((await stack.up(late)).text).not.toContain("error:");
    expect(await inside("late", "hostname")).toBe("late");
    expect((await stack.up(program)).text).not.toContain("error:");
  });

  test("a limit that a killed update wrote takes effect with the next one, though the files match", async () => {
    const limited = (memory: string) => async () => {
      await program();
      const rootfs = new nspawn.DebianRootfs("limited", { host: { connection: connectionTo(host) } });
      new nspawn.NspawnMachine("limited", { rootfs, waitFor: "started", limits: { memory } });
    };
    await stack.up(limited("512MiB"));
    const killing = '[ "$1" != daemon-reload ] || { kill -KILL "$PPID"; exit 1; }';
    const killed = await withSystemctl(host, killing, () => stack.up(limited("1GiB")));
    expect(killed.text).toContain('could not start the machine "limited"');
    expect((await stack.up(limited("1GiB"))).text).not.toContain("error:");
    expect(await host.sh("systemctl show -p MemoryMax systemd-nspawn@limited")).toBe("MemoryMax=1073741824\n");
    await stack.up(program);
  });

  test("a setting that systemd-nspawn ignores is a failure, not a wrong machine", async () => {
    const text = "[Exec]\nBoot=yes\nFrobnicate=yes\n[Network]\nVirtualEthernet=yes\n";
    await host.sh("cp -a /var/lib/machines/alone /var/lib/machines/odd");
    const script = ensureMachine({
      name: "odd",
      rootName: "odd",
      generation: "",
      claim: { owner: "someone", claimant: "somestack", stack: "", urn: "urn:odd", fresh: true, adopt: false },
      files: { restart: new Map([["/etc/systemd/nspawn/odd.nspawn", { text }]]), live: new Map() },
      overridable: { restart: [], live: [] },
      ownLines: undefined,
      keepsUnitFile: false,
      needs: [],
      locks: [],
      preflight: [],
      afterWrite: [],
      beforeStart: [],
      running: true,
      autostart: false,
      waitFor: "booted",
      links: [],
      hostLinks: [],
      mounted: [],
      bootSeconds: 60,
    });
    const target = { connection: connectionTo(host) };
    await expect(run(target, script, { attempt: "start odd", timeoutSeconds: 120 })).rejects.toMatchObject({
      code: "settings-ignored",
      values: [expect.stringContaining("odd.nspawn:3")],
    });
    await host.sh(
      "systemctl stop systemd-nspawn@odd; rm -rf /var/lib/machines/odd /etc/systemd/nspawn/odd.nspawn /var/lib/pulumi-nspawn/machines/odd.*",
    );
  });

  test("destroy stops them all and leaves no snapshot behind", async () => {
    expect((await stack.destroy()).text).not.toContain("error:");
    expect(
      await host.sh("ls -A /var/lib/machines | grep -v -e lost+found -e '^\\.pulumi-cache$' -e '\\.lck$' || :"),
    ).toBe("");
  });
});
