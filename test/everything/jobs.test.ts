import * as nspawn from "../../index";
import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { addressBeside, listenForDevices } from "../support/lan";
import { fetching, inside, serveOutside } from "../support/network";
import { Stack } from "../support/stack";

const PASSWORD = "correct horse battery staple";

/** The rows of a preview for each resource, and the totals: sorted, and without the progress dots. */
function rowsOf(text: string): string {
  const [rows = "", total = ""] = text.split(/^Resources:$/m);
  const told = rows
    .split("\n")
    .sort()
    .filter((line) => /^ .*dynamic\/nspawn:\w+ \w/.test(line));
  return [...new Set([...told, ...total.split("\n")].map((line) => line.trimEnd()))].filter(Boolean).join("\n");
}

/**
 * What people do with systemd-nspawn by hand, in the order in which they learn it. A program does each of these on a
 * fresh server.
 */
describe("systemd-nspawn tasks that are usually done by hand", () => {
  let host: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await up({ name: "jobs", suite: "trixie", bare: true });
    await listenForDevices(host);
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const server = () => new nspawn.Host("server", { connection: connectionTo(host), install: true });
  const root = (on: nspawn.Host, args: Partial<nspawn.DebianRootfsArgs> = {}) =>
    new nspawn.DebianRootfs("mydebian", { host: on, rootPassword: PASSWORD, ...args });

  type Program = (on: nspawn.Host, rootfs: nspawn.DebianRootfs) => nspawn.NspawnMachine | undefined;
  const whole = (program: Program) => async () => {
    const on = server();
    const machine = program(on, root(on));
    return machine && { addresses: machine.addresses, state: machine.state };
  };
  const upWith = async (program: Program) => {
    const run = await stack.up(whole(program));
    expect(run.text).not.toMatch(/error:|warning:/);
    return run;
  };
  /** Brings up the one machine with the arguments of a job. */
  const machineWith = (args: Partial<nspawn.NspawnMachineArgs>) =>
    upWith((_, rootfs) => new nspawn.NspawnMachine("mydebian", { rootfs, hostname: "mydebian", ...args }));

  test("bootstrap: a server gets the tools and a Debian tree, without a machine", async () => {
    expect(await host.sh("command -v machinectl mmdebstrap debootstrap || :")).toBe("");
    await upWith(() => undefined);
    expect(await host.sh("machinectl list-images --no-legend")).toMatch(/^mydebian +directory no /);
    expect(await host.sh("cat /var/lib/machines/mydebian/etc/debian_version")).toMatch(/^13\./);
    expect(await host.sh("machinectl list --no-legend")).toBe("");
  });

  test("boot: an init runs inside, and root has the given password", async () => {
    expect((await machineWith({})).outputs).toMatchObject({ state: "running" });
    expect(await inside(host, "mydebian", "cat /proc/1/comm; systemctl is-system-running")).toBe("systemd\nrunning");
    const check = (password: string) =>
      inside(host, "mydebian", `printf "${password}\\0" | unix_chkpwd root nullok && echo right || echo wrong`);
    expect([await check(PASSWORD), await check(""), await check("root")]).toEqual(["right", "wrong", "wrong"]);
  });

  test("list, status, stop and start: machinectl shows what the program says", async () => {
    expect(await host.sh("machinectl list --no-legend")).toMatch(/^mydebian +container +systemd-nspawn +debian +13 /);
    expect(await host.sh("machinectl status mydebian --no-pager")).toMatch(/Unit: systemd-nspawn@mydebian\.service/);
    expect(await host.sh("machinectl -q shell mydebian /usr/bin/hostname </dev/null")).toContain("mydebian");
    expect((await machineWith({ running: false })).outputs.state).toBe("inactive");
    expect(await host.sh("machinectl list --no-legend")).toBe("");
    expect((await machineWith({ running: true })).outputs.state).toBe("running");
  });

  test("journal: the host reads what the machine logs", async () => {
    await inside(host, "mydebian", "echo a line of its own | systemd-cat -t mine; journalctl --sync");
    expect(await host.sh("journalctl -M mydebian -t mine -o cat --no-pager")).toBe("a line of its own\n");
  });

  test("resources: the cgroup of the unit has the limits", async () => {
    await machineWith({ limits: { memory: "512MiB", cpus: 0.5 } });
    const limits = await host.sh("systemctl show -p MemoryMax -p CPUQuotaPerSecUSec systemd-nspawn@mydebian");
    expect(limits.split("\n").sort()).toEqual(["", "CPUQuotaPerSecUSec=500ms", "MemoryMax=536870912"]);
  });

  test.each([
    ["state", {}, { timeouts: { create: 900 } }],
    ["live", {}, { limits: { memory: "1GiB", cpus: 0.5 } }],
    ["restart", {}, { hostname: "renamed" }],
    ["reinstall", { packages: ["less"] }, {}],
    ["replace", { suite: "forky", dataLoss: "allow" }, {}],
  ] satisfies [string, Partial<nspawn.DebianRootfsArgs>, Partial<nspawn.NspawnMachineArgs>][])(
    "a preview shows that a change is of the class %s",
    async (_, rootfsArgs, machineArgs) => {
      const { text } = await stack.preview(async () => {
        const rootfs = root(server(), rootfsArgs);
        const limits = { memory: "512MiB", cpus: 0.5 };
        new nspawn.NspawnMachine("mydebian", { rootfs, hostname: "mydebian", limits, ...machineArgs });
      });
      expect(rowsOf(text)).toMatchSnapshot();
    },
  );

  test("at boot: the machine starts after a reboot of the server, or does not, as the program says", async () => {
    const running = () => host.sh("systemctl is-active systemd-nspawn@mydebian || :");
    expect(await host.sh("systemctl is-enabled systemd-nspawn@mydebian machines.target")).toBe("enabled\nenabled\n");
    await host.reboot();
    expect(await running()).toBe("active\n");
    await machineWith({ autostart: false });
    await host.reboot();
    expect(await running()).toBe("inactive\n");
    expect((await machineWith({})).outputs.state).toBe("running");
  });

  test("persistent or ephemeral: written files survive a restart, or are lost", async () => {
    const write = () => inside(host, "mydebian", "touch /root/note; sync");
    const restart = () =>
      host.sh(
        "systemctl restart systemd-nspawn@mydebian; until systemctl -M mydebian is-system-running 2>/dev/null | grep -q running; do sleep 0.2; done",
      );
    const list = () => inside(host, "mydebian", "ls /root");
    await write();
    await restart();
    expect(await list()).toBe("note");
    await machineWith({ ephemeral: true });
    await inside(host, "mydebian", "rm /root/note");
    expect(await list()).toBe("");
    await restart();
    expect(await list()).toBe("note");
  });

  test("the host's network: the machine has the host's interfaces", async () => {
    expect((await machineWith({ networks: ["host"], ephemeral: false })).outputs.state).toBe("running");
    expect(await inside(host, "mydebian", "ls /sys/class/net")).toBe((await host.sh("ls /sys/class/net")).trim());
  });

  test("veth with NAT: the machine fetches a page from a server outside the host's network", async () => {
    const page = await serveOutside();
    try {
      const run = await upWith((on, rootfs) => {
        const net = new nspawn.VethNetwork("dev", { host: on, subnet: "192.168.150.0/24" });
        const networks = [net.attach({ address: "192.168.150.2" })];
        return new nspawn.NspawnMachine("mydebian", { rootfs, hostname: "mydebian", networks });
      });
      expect(run.outputs.addresses).toEqual(["192.168.150.2"]);
      expect(await host.sh("ls /sys/class/net")).toContain("ve-mydebian");
      expect(await inside(host, "mydebian", "ls /sys/class/net")).toBe("host0\nlo");
      expect(await inside(host, "mydebian", fetching(page.port))).toBe(`you are ${host.address}`);
    } finally {
      page.server.close();
    }
  });

  test("bridge: the machine is a peer on the LAN with its own address", async () => {
    const address = addressBeside(host);
    const page = await serveOutside();
    const run = await upWith((on, rootfs) => {
      const lan = new nspawn.BridgeAttachment("lan", { host: on, bridge: "br0", create: { uplink: "eth0" } });
      const networks = [lan.attach({ address: `${address}/24` })];
      return new nspawn.NspawnMachine("mydebian", { rootfs, hostname: "mydebian", networks });
    });
    expect(run.outputs.addresses).toEqual([address]);
    expect(await inside(host, "mydebian", fetching(page.port))).toBe(`you are ${address}`);
    page.server.close();
  });

  test("bind mounts: a directory is shared, and a read-only one refuses writes", async () => {
    await host.sh("mkdir /srv/docs; echo to be read >/srv/docs/README");
    const program: Program = (on, rootfs) => {
      const projects = new nspawn.BindMount("projects", {
        host: on,
        source: "/home/kingpin/projects",
        target: "/projects",
        create: {},
      });
      const docs = new nspawn.BindMount("docs", {
        host: on,
        source: "/srv/docs",
        target: "/docs",
        readOnly: true,
      });
      return new nspawn.NspawnMachine("mydebian", { rootfs, hostname: "mydebian", mounts: [projects, docs] });
    };
    expect((await stack.preview(whole(program))).text).toMatch(/NspawnMachine mydebian update .*restart: .*mounts/);
    await upWith(program);
    expect(await inside(host, "mydebian", "echo from inside >/projects/note; cat /projects/note")).toBe("from inside");
    expect(await host.sh("cat /home/kingpin/projects/note; stat -c %U /home/kingpin/projects/note")).toBe(
      "from inside\nroot\n",
    );
    expect(await inside(host, "mydebian", "cat /docs/README; touch /docs/note 2>&1 || :")).toMatch(
      /^to be read\n.*Read-only file system$/,
    );
  });

  test(".nspawn file: it reads as if written by hand, and systemd accepts it without warnings", async () => {
    const file = await host.sh("cat /etc/systemd/nspawn/mydebian.nspawn");
    expect(file).toMatchSnapshot();
    expect(await host.sh("journalctl -b -u systemd-nspawn@mydebian -p warning -o cat --no-pager")).toBe("");
    await host.sh("machinectl poweroff mydebian; while machinectl show mydebian >/dev/null 2>&1; do sleep 0.1; done");
    // What a person types to run it without the unit; the file has the other settings.
    await host.sh(`systemd-run -q --unit=by-hand systemd-nspawn --keep-unit --console=pipe --boot --machine=mydebian`);
    // Without --wait, which can miss the end of a boot that takes only half a second.
    await host.sh("until systemctl -M mydebian is-system-running 2>/dev/null | grep -qx running; do sleep 0.2; done");
    expect(await host.sh("machinectl show mydebian -p Unit --value")).toBe("by-hand.service\n");
    expect(await inside(host, "mydebian", "hostname")).toBe("mydebian");
    expect(await host.sh("journalctl -u by-hand -o cat --no-pager | grep -c nspawn.*: || :")).toBe("0\n");
    await host.sh("machinectl poweroff mydebian; while systemctl -q is-active by-hand; do sleep 0.1; done");
  });

  test("destroy removes all of it, and keeps what people wrote", async () => {
    expect((await stack.destroy()).text).not.toContain("error:");
    expect(await host.sh("machinectl list-images --no-legend; ls /etc/systemd/nspawn 2>/dev/null || :")).toBe("");
    expect(await host.sh("cat /home/kingpin/projects/note")).toBe("from inside\n");
  });
});
