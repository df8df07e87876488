import type { Server } from "node:http";
import * as nspawn from "../../index";
import { vethSpec } from "../../provider/resources/attachments/veth-spec";
import { launch } from "../attacks/attack";
import { loopback } from "../attacks/output/loopback";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import { generations, stable } from "../support/generations";
import type { TestHost } from "../support/hosts";
import { answering, ask, asking, fetching, inside, outside, serveOutside } from "../support/network";
import { Stack } from "../support/stack";

/** What a test changes in the program. */
interface Options {
  readonly ports?: string[];
  readonly isolation?: nspawn.VethNetworkArgs["isolation"];
  readonly hostname?: string;
  readonly more?: string[];
  /** One machine leaves its network. */
  readonly leave?: boolean;
}

/** The host's end of its link has a shorter name, and this one as an alternative name. */
const LONG = "a-machine-with-a-long-name";
const PORTS = ["8080:80", "5300:53/udp", "9000-9002:9100-9102"];

describe.each(generations("forky"))("networks of machines on a %s host", (suite) => {
  let host: TestHost;
  let stack: Stack;
  let page: { readonly port: number; readonly server: Server };
  let before: string[];
  let boot: string;
  let shared: Awaited<ReturnType<typeof references>>;

  beforeAll(async () => {
    host = await upWithBase({ name: `veth-${suite}`, suite, filesystem: "btrfs" });
    page = await serveOutside();
    // The very first boot runs services that no later boot runs.
    await host.reboot();
    before = await host.snapshot();
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    page.server.close();
    await stack.dispose();
    await host.down();
  });

  const program =
    ({ ports = PORTS, isolation = {}, hostname, more = [], leave = false }: Options = {}) =>
    async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host) });
      const root = new nspawn.DebianRootfs("guest", { host: server, ...answering });
      const network = (name: string, subnet: string, args: Partial<nspawn.VethNetworkArgs>) =>
        new nspawn.VethNetwork(name, { host: server, subnet, ...args });
      const machine = (name: string, networks: nspawn.NspawnMachineArgs["networks"], args = {}) =>
        new nspawn.NspawnMachine(name, { name, rootfs: root, ephemeral: true, networks, ...args });
      const dev = network("dev", "10.42.1.0/24", { subnet6: "fd42:1::/64", isolation });
      const seg = network("seg", "10.43.0.0/24", { mode: "zone", isolation });
      const dyn = network("dyn", "10.44.0.0/24", { dhcp: true, dns: "stub" });
      const dynz = network("dynz", "10.45.0.0/24", { mode: "zone", dhcp: true, dns: "stub" });
      const web = machine("web", [dev.attach({ address: "10.42.1.80", ports })], { hostname: hostname ?? "web" });
      const peer = machine("peer", [dev, seg.attach({ address: "10.43.0.2" })]);
      const mate = machine("mate", [seg.attach({ address: "10.43.0.3" })]);
      const asks = machine(LONG, [dyn, dynz.attach({ address: "10.45.0.2" })]);
      const other = machine("other", leave ? ["none"] : [dynz.attach({ ports: ["8090:80"] })]);
      const rest = more.map((name) => machine(name, [dev], { waitFor: "started" }));
      return {
        boot: web.bootId,
        web: web.addresses,
        peer: peer.addresses,
        mate: mate.addresses,
        asks: asks.addresses,
        link: asks.interface,
        other: other.address,
        more: rest.map(({ address }) => address),
        ref: dev.ref,
        root: root.id,
      };
    };

  /** What another stack needs of this one. */
  const references = async () => {
    const { ref, root } = (await stack.up(program())).outputs;
    const rootfs = { id: String(root), name: "guest", host: { connection: connectionTo(host) } };
    return { ref: vethSpec.parse(ref), rootfs };
  };
  const fromHost = async (address: string, port: number, protocol: "tcp" | "udp" = "tcp") =>
    (await host.sh(asking(address, port, protocol))).trim();
  const from = (machine: string, address: string, port: number, protocol: "tcp" | "udp" = "tcp") =>
    inside(host, machine, asking(address, port, protocol));

  /** Asks the ports of the host from everywhere that must reach them. */
  async function expectPortsEverywhere(): Promise<void> {
    expect(await ask(host.address, 8080)).toBe(`web ${outside}`);
    expect(await fromHost(host.address, 8080)).toMatch(/^web /);
    expect(await fromHost("127.0.0.1", 8080)).toBe("web 10.42.1.1");
    expect(await fromHost("fd42:1::1", 8080)).toBe("web fd42:1::1");
    expect(await from("peer", host.address, 8080)).toMatch(/^web 10\.42\.1\./);
    expect(await from(LONG, host.address, 8080)).toMatch(/^web /);
    expect(await from("web", host.address, 8080)).toBe("web 10.42.1.1");
    expect(await ask(host.address, 9002)).toMatch(/^web /);
    expect(await fromHost("127.0.0.1", 5300, "udp")).toBe("web 10.42.1.1");
    expect(await from("peer", host.address, 5300, "udp")).toMatch(/^web /);
  }

  test("machines have addresses in every kind of network, even in two at once", async () => {
    const made = await stack.up(program());
    expect(made.text).not.toContain("error:");
    expect(made.outputs).toMatchObject({
      web: ["10.42.1.80", "fd42:1::50"],
      peer: ["10.42.1.128", "10.43.0.2", "fd42:1::80"],
      mate: ["10.43.0.3"],
      asks: ["10.44.0.128", "10.45.0.2"],
      other: "10.45.0.128",
      link: expect.stringMatching(/^ve-a-machin....$/),
    });
    expect(await inside(host, "peer", "ip -br -4 addr show host1")).toContain("10.43.0.2/24");
    expect(await inside(host, LONG, "ip -br -4 addr")).toMatch(
      /host0\S* +UP +10\.44\.0\.128.*host1\S* +UP +10\.45\.0\.2/s,
    );
    expect((await stack.refresh()).changes).toEqual({ same: 12 });
    expect((await stack.up(program())).changes).toEqual({ same: 12 });
  });

  test("a machine in each network fetches a page from outside the host, with the host's address", async () => {
    for (const machine of ["web", "mate", LONG, "other"]) {
      expect(await inside(host, machine, fetching(page.port))).toBe(`you are ${host.address}`);
    }
  });

  test("machines reach each other, within their networks and across them", async () => {
    expect(await from("peer", "10.42.1.80", 80)).toBe("web 10.42.1.128");
    expect(await from("peer", "fd42:1::50", 80)).toBe("web fd42:1::80");
    expect(await from("peer", "10.43.0.3", 80)).toBe("mate 10.43.0.2");
    expect(await from(LONG, "10.45.0.128", 80)).toBe("other 10.45.0.2");
    expect(await from("other", "10.42.1.80", 80)).toBe("web 10.45.0.128");
  });

  if (suite === stable) {
    test("name lookups go to the host's own servers, or to the host's systemd-resolved", async () => {
      const server = (await host.sh("awk '$1 == \"nameserver\" { print $2; exit }' /etc/resolv.conf")).trim();
      expect(await inside(host, "web", "resolvectl dns host0")).toContain(server);
      await host.sh("cp /etc/hosts /etc/hosts.kept; echo 192.0.2.7 printer.test >>/etc/hosts");
      for (const machine of [LONG, "other"]) {
        expect(await inside(host, machine, "getent hosts printer.test")).toContain("192.0.2.7");
      }
      await host.sh("mv /etc/hosts.kept /etc/hosts");
    });
  }

  test("a port answers from the LAN, the host, its loopback, other machines and the machine itself", async () => {
    await expectPortsEverywhere();
  });

  test("a machine cannot reach services on the host's loopback, although ports are published there", async () => {
    await launch(loopback, { host, guest: { machine: "web", address: "10.42.1.80", gateway: "10.42.1.1" } });
  });

  test("only links to machines with ports of the host's loopback let its addresses pass", async () => {
    const open = await host.sh("cd /proc/sys/net/ipv4/conf && grep -l 1 */route_localnet");
    expect(open.trim().split("\n").sort()).toEqual(["ve-web/route_localnet", "vz-dynz/route_localnet"]);
  });

  test("a machine does not start without the table, and loads it if it is missing", async () => {
    await host.sh("nft delete table inet pulumi_nspawn; systemctl restart systemd-nspawn@peer");
    expect(await host.sh("nft list tables")).toContain("pulumi_nspawn");
    const broken = "nft delete table inet pulumi_nspawn; mv /etc/pulumi-nspawn/nftables.nft /root/kept";
    const { stderr } = await host.exec(`${broken}; systemctl restart systemd-nspawn@peer`);
    // It was stopped while it booted: from systemd 257 on, the next start may fail because of a mount that this leaves.
    const again = "systemctl restart systemd-nspawn@peer";
    await host.sh(`mv /root/kept /etc/pulumi-nspawn/nftables.nft; ${again} || { sleep 1; ${again}; }`);
    expect(stderr).toContain("Job for systemd-nspawn@peer.service failed");
  });

  test("ports survive start, restart and reload of nftables, next to a user's own rules", async () => {
    await host.sh(
      "cp -a /etc/nftables.conf /etc/nftables.conf.kept; printf 'flush ruleset\\ntable inet users {\\n}\\n' >/etc/nftables.conf",
    );
    for (const verb of ["start", "restart", "reload", "stop"]) {
      await host.sh(`systemctl ${verb} nftables.service`);
      expect(await ask(host.address, 8080)).toMatch(/^web /);
      const tables = await host.sh("nft list tables");
      expect(tables.includes("table inet users")).toBe(verb !== "stop");
    }
    expect(await inside(host, "web", fetching(page.port))).toBe(`you are ${host.address}`);
  });

  test("ports and everything else work again after a reboot of the host", async () => {
    await host.sh("systemctl -q enable nftables.service");
    await host.reboot();
    for (const machine of ["web", "peer", LONG, "other"]) {
      await host.sh(
        `for i in $(seq 300); do systemctl -q -M ${machine} is-active responder && exit 0; sleep 0.2; done; exit 1`,
      );
    }
    await host.sh(
      "for i in $(seq 100); do ip route show 10.42.1.80 | grep -q ve-web && exit 0; sleep 0.1; done; exit 1",
    );
    await expectPortsEverywhere();
    expect(await inside(host, "web", fetching(page.port))).toBe(`you are ${host.address}`);
    expect(await host.sh("nft list tables")).toContain("table inet users");
    await host.sh("systemctl -q disable --now nftables.service; mv /etc/nftables.conf.kept /etc/nftables.conf");
  });

  if (suite === stable) {
    test("a table that was flushed by hand is drift, and the next up restores it", async () => {
      await host.sh("nft flush ruleset; systemctl -q disable pulumi-nspawn-nftables");
      expect(await ask(host.address, 8080).catch(() => "nothing")).toBe("nothing");
      await stack.refresh();
      const preview = await stack.preview(program());
      expect(preview.text).toMatch(/VethNetwork.*dev.*repair: nftables, pulumi-nspawn-nftables.service/);
      const { text, outputs } = await stack.up(program());
      expect(text).not.toContain("error:");
      boot = String(outputs.boot);
      expect(await ask(host.address, 8080)).toMatch(/^web /);
      expect((await host.sh("systemctl is-enabled pulumi-nspawn-nftables")).trim()).toBe("enabled");
    });

    test("ports change while the machine runs, and its address is known before anything else changes", async () => {
      const fewer = await stack.up(program({ ports: ["8081:80"] }));
      expect(fewer.text).toMatch(/live: networks/);
      expect(fewer.outputs.boot).toBe(boot);
      expect(await ask(host.address, 8081)).toMatch(/^web /);
      expect(await ask(host.address, 8080).catch(() => "nothing")).toBe("nothing");
      const preview = await stack.preview(program({ hostname: "renamed" }));
      expect(preview.text).toMatch(/restart: hostname/);
      expect(preview.text).not.toMatch(/[~+-] (web|address) *:/);
    });

    test("a replaced machine gets its address again, and one that leaves a network releases its ports", async () => {
      const state = JSON.parse(await stack.export());
      const urns: string[] = state.deployment.resources.map(({ urn }: { urn: string }) => urn);
      const replaced = await stack.up(program({ leave: true }), {
        replace: urns.filter((urn) => /NspawnMachine::(peer|a-machine-with-a-long-name)$/.test(urn)),
      });
      expect(replaced.text).not.toContain("error:");
      expect(replaced.text).toMatch(/NspawnMachine peer (?:replaced|deleted original)/);
      expect(replaced.outputs).toMatchObject({
        peer: ["10.42.1.128", "10.43.0.2", "fd42:1::80"],
        asks: ["10.44.0.128", "10.45.0.2"],
      });
      expect(await host.sh("nft list chain inet pulumi_nspawn ports")).not.toContain("8090");
      expect(await host.sh("ls /etc/pulumi-nspawn/nftables /etc/systemd/network/*.d")).not.toContain("other");
    });

    test("isolated machines reach neither each other nor the host, but the outside world and ports", async () => {
      const isolation = { machines: true, host: true };
      const apart = await stack.up(program({ isolation }));
      expect(apart.text).not.toContain("error:");
      expect(await from("peer", "10.42.1.80", 80)).toBe("nothing");
      expect(await from("peer", "10.43.0.3", 80)).toBe("nothing");
      expect(await from(LONG, "10.42.1.80", 80)).toBe("nothing");
      expect(await from("web", "10.42.1.1", 22)).toBe("nothing");
      expect(await from("mate", host.address, 22)).toBe("nothing");
      expect(await from(LONG, "10.44.0.1", 22)).toMatch(/^SSH/);
      await expectPortsEverywhere();
      expect(await inside(host, "peer", fetching(page.port))).toBe(`you are ${host.address}`);
    });

    test("a port, an address, a subnet or a name in use is refused, with its user", async () => {
      const sshd = await stack.up(program({ ports: [...PORTS, "22:80"] }));
      expect(sshd.text).toMatch(/sshd listens on the port 22\/tcp of the host/);
      expect(await ask(host.address, 8080)).toMatch(/^web /);
      shared = await references();
      const { ref, rootfs } = shared;
      expect(await from("peer", "10.42.1.80", 80)).toBe("web 10.42.1.128");
      const stranger = await Stack.create("stranger");
      const attempt = async () => {
        const late = (name: string, args: nspawn.VethAttachArgs) =>
          new nspawn.NspawnMachine(name, {
            name,
            rootfs,
            ephemeral: true,
            networks: [nspawn.VethNetwork.attach(ref, args)],
          });
        late("late-port", { ports: ["9001:80"] });
        late("late-address", { address: "10.42.1.80" });
        for (const [name, subnet] of [
          ["late-net", "10.42.0.0/16"],
          ["late-lan", "198.18.240.128/25"],
        ] as const) {
          new nspawn.VethNetwork(name, { host: rootfs.host, subnet });
        }
        new nspawn.VethNetwork("dev", { host: rootfs.host, subnet: "10.47.0.0/24" });
      };
      const { text } = await stranger.up(attempt, { continueOnError: true });
      expect(text).toMatch(/the port 9001\/tcp of the host already leads to the machine "web"/);
      expect(text).toMatch(/the address 10\.42\.1\.80 belongs to the machine "web"/);
      expect(text).toMatch(/its subnet 10\.42\.0\.0\/16 overlaps with 10\.42\.1\.0\/24 of the network "dev"/);
      expect(text).toMatch(/overlaps with what the host has already: 198\.18\.240\.0\/24 dev eth0/);
      expect(text).toMatch(/the network "dev" there belongs to urn:pulumi:dev::.*`adopt: true`/);
      expect(await host.sh("ls /etc/pulumi-nspawn/nftables /var/lib/pulumi-nspawn/machines | grep late || :")).toBe("");
      await stranger.dispose();
    });

    test("two stacks at once never take each other's addresses, and a network in use stays", async () => {
      const { ref, rootfs } = shared;
      const second = await Stack.create("second");
      const theirs = async () => {
        const own = new nspawn.VethNetwork("theirs", {
          host: { connection: connectionTo(host) },
          subnet: "10.46.0.0/24",
        });
        const machines = ["b1", "b2", "b3"].map(
          (name) =>
            new nspawn.NspawnMachine(name, {
              name,
              rootfs,
              ephemeral: true,
              networks: [ref, own],
              waitFor: "started",
            }),
        );
        return { dev: machines.map(({ address }) => address), own: machines.map(({ addresses }) => addresses[1]) };
      };
      const [ours, others] = await Promise.all([stack.up(program({ more: ["a1", "a2", "a3"] })), second.up(theirs)]);
      expect(`${ours.text}${others.text}`).not.toContain("error:");
      const all = [ours.outputs.web, ours.outputs.peer, ours.outputs.more, others.outputs.dev]
        .flat()
        .filter((text) => /^10\.42/.test(String(text)));
      expect(new Set(all).size).toBe(8);
      expect(others.outputs.own).toEqual(expect.arrayContaining(["10.46.0.128", "10.46.0.129", "10.46.0.130"]));
      const inUse = await stack.destroy();
      expect(inUse.text).toMatch(/could not remove the network "dev" on .*: machines have links in it: b1, b2, b3/);
      expect((await second.destroy()).text).not.toContain("error:");
      await second.dispose();
    });
  }

  test("destroy leaves the host as it was", async () => {
    expect((await stack.destroy()).text).not.toContain("error:");
    expect(await host.sh("cat /proc/sys/net/ipv4/ip_forward")).toBe("0\n");
    const left = (await host.snapshot()).filter((line) => !line.startsWith("image /var/lib/machines/.pulumi"));
    expect(left).toEqual(before);
  });
});
