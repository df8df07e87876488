import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { inBox } from "../support/box";
import { connectionTo } from "../support/connection";
import { generations, stable } from "../support/generations";
import { type TestHost, up } from "../support/hosts";
import { addressBeside, get, listenForDevices, reaches, serve } from "../support/lan";
import { Stack } from "../support/stack";

let peer: TestHost;

beforeAll(async () => {
  peer = await up({ name: "bridge-peer", suite: "trixie" });
});

afterAll(() => peer.down());

describe.each(generations("forky"))("a bridge over the only uplink of a %s host", (suite) => {
  let host: TestHost;
  let stack: Stack;
  let before: string[];
  let address: string;

  beforeAll(async () => {
    host = await upWithBase({ name: `bridge-${suite}`, suite });
    await listenForDevices(host);
    await host.reboot();
    // The default route of the test host itself, in addition to networkd's.
    await host.sh("ip route delete default proto boot");
    // Matches an interface by its MAC address, as cloud-init does: the bridge has the same address.
    await host.sh(
      `printf '[Match]\\nMACAddress=%s\\n[Link]\\nName=eth0\\n' "$(cat /sys/class/net/eth0/address)" >/etc/systemd/network/10-eth0.link`,
    );
    before = await host.snapshot();
    address = addressBeside(host);
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const lan = (create: Partial<nspawn.BridgeCreateArgs> = {}) => {
    const server = new nspawn.Host("server", { connection: connectionTo(host) });
    const bridge = new nspawn.BridgeAttachment("lan", {
      host: server,
      bridge: "br0",
      create: { uplink: "eth0", ...create },
      gateway: "198.18.240.1",
    });
    return { server, bridge };
  };
  const bridgeAlone = (create?: Partial<nspawn.BridgeCreateArgs>) => async () => {
    lan(create);
  };
  const withMachine = async () => {
    const { server, bridge } = lan();
    const rootfs = new nspawn.DebianRootfs("box", { host: server });
    const box = new nspawn.NspawnMachine("box", { rootfs, networks: [bridge.attach({ address: `${address}/24` })] });
    return { state: box.state, address: box.address, interface: box.interface, bootId: box.bootId };
  };
  const wrong = bridgeAlone({ addresses: ["198.51.100.7/24"], gateway: "198.51.100.1" });

  test("a wrong address cuts off the host, which restores its old network and says why", async () => {
    const run = await stack.up(wrong);
    expect(run.ok).toBe(false);
    expect(run.text).toMatch(/could not make the bridge "br0".*the host's new network could not be confirmed/);
    expect(run.text).toContain("rolled back to its old one by itself");
    expect(run.text).toContain("198.51.100.7");
    expect(await host.snapshot()).toEqual(before);
    expect(await reaches(peer, host.address)).toBe(true);
  });

  if (suite === stable) {
    test("a power cut before the confirmation restores the old network", async () => {
      const running = stack.up(wrong);
      await host.sh(
        "for i in $(seq 600); do ip -4 address show dev br0 2>/dev/null | grep -q 198.51.100.7 && exit 0; sleep 0.1; done; exit 1",
      );
      await host.powerOff();
      await host.powerOn();
      const run = await running;
      expect(run.text).toContain("was rebooted before the change was confirmed, and came up with its old network");
      await host.sh("ip route delete default proto boot");
      expect(await host.snapshot()).toEqual(before);
    });
  }

  test("a correct bridge is made without losing the host, and a machine on it is a peer on the LAN", async () => {
    const run = await stack.up(withMachine);
    expect(run.text).not.toContain("error:");
    expect(run.outputs).toMatchObject({ state: "running", address, interface: "vb-box" });
    expect(await host.sh("ip -4 -brief address show dev br0")).toContain(host.address);
    await serve(host, "hello from the box");
    expect(await get(peer, address)).toContain("hello from the box");
    expect(await reaches(host, peer.address, true)).toBe(true);
    expect(await inBox(host, "ip -4 route show default")).toContain("via 198.18.240.1 dev host0");
  });

  if (suite === stable) {
    test("a second up and a refresh change nothing", async () => {
      expect((await stack.up(withMachine)).changes).toEqual({ same: 5 });
      expect((await stack.refresh()).changes).toEqual({ same: 5 });
      expect((await stack.up(withMachine)).changes).toEqual({ same: 5 });
    });
  }

  test("after a reboot of the host, the bridge and the machine are back", async () => {
    await host.reboot();
    await host.sh("for i in $(seq 300); do machinectl -q show box >/dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1");
    await stack.refresh();
    expect((await stack.up(withMachine)).text).not.toContain("error:");
    expect(await inBox(host, "networkctl list host0 --no-legend")).toContain("routable");
    expect(await reaches(peer, address)).toBe(true);
    expect(await host.sh("cat /sys/class/net/eth0/master/uevent")).toContain("INTERFACE=br0");
  });

  if (suite === stable) {
    test("manual changes are shown and repaired", async () => {
      await host.sh("sed -i s/^DNS=.*/DNS=192.0.2.53/ /etc/systemd/network/00-pulumi-nspawn-br0.network");
      await stack.refresh();
      expect((await stack.preview(withMachine)).text).toMatch(/repair: .*00-pulumi-nspawn-br0\.network/);
      expect((await stack.up(withMachine)).text).not.toContain("error:");
      expect(await host.sh("cat /etc/systemd/network/00-pulumi-nspawn-br0.network")).not.toContain("192.0.2.53");
      expect((await stack.up(withMachine)).changes).toEqual({ same: 5 });
    });

    test("the bridge is not removed while something else is attached to it", async () => {
      await host.sh("ip link add stray type veth peer name stray2; ip link set stray master br0");
      const refused = await stack.destroy();
      expect(refused.text).toMatch(/could not remove the bridge "br0".*in use.*the interface stray/s);
      await host.sh("ip link delete stray");
    });
  }

  test("destroy restores the uplink, and leaves the host as it was", async () => {
    const run = await stack.destroy();
    expect(run.text).not.toContain("error:");
    expect(await host.snapshot()).toEqual(before);
    expect(await reaches(peer, host.address)).toBe(true);
  });
});

describe("a bridge on a second network, with a DHCP server", () => {
  let host: TestHost;
  let stack: Stack;
  const mac = "02:00:5e:10:00:01";

  beforeAll(async () => {
    host = await upWithBase({ name: "bridge-lan", suite: "trixie" });
    await host.connectTo(peer, "lan0");
    await peer.sh(`cat >/etc/systemd/network/50-lan0.network <<END
[Match]
Name=lan0
[Network]
Address=192.168.77.1/24
DHCPServer=yes
[DHCPServer]
PoolOffset=100
PoolSize=50
EmitDNS=no
EmitRouter=no
[DHCPServerStaticLease]
MACAddress=${mac}
Address=192.168.77.9
END
networkctl reload; udevadm trigger -c add /sys/class/net/lan0`);
    await host.sh(`printf '[Match]\\nName=lan0\\n[Network]\\nDHCP=ipv4\\n' >/etc/systemd/network/50-lan0.network
networkctl reload; udevadm trigger -c add /sys/class/net/lan0
for i in $(seq 300); do ip -4 address show dev lan0 | grep -q 192.168.77. && exit 0; sleep 0.1; done; exit 1`);
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const attachment = (args: Partial<nspawn.BridgeAttachmentArgs> = {}) =>
    new nspawn.BridgeAttachment("lan", { host: { connection: connectionTo(host) }, bridge: "br-lan", ...args });
  const create = { uplink: "lan0" };
  const withMachine =
    (networks: (lan: nspawn.BridgeAttachment) => nspawn.NspawnMachineArgs["networks"]) => async () => {
      const lan = attachment({ create });
      const rootfs = new nspawn.DebianRootfs("box", { host: { connection: connectionTo(host) } });
      const box = new nspawn.NspawnMachine("box", { rootfs, networks: networks(lan) ?? [] });
      return { addresses: box.addresses, bootId: box.bootId };
    };
  const addressOf = async (name: string) =>
    /inet ([0-9.]+)/.exec(await host.sh(`ip -4 address show dev ${name}`))?.[1] ?? "none";

  test("a missing bridge is reported with how to make it, before anything else", async () => {
    const absent = await stack.up(async () => void attachment());
    expect(absent.text).toMatch(
      /could not use the bridge "br-lan".*there is no bridge "br-lan"\. Create it on the host/,
    );
    const wrong = await stack.up(async () => void attachment({ bridge: "lan0" }));
    expect(wrong.text).toMatch(/"lan0" is an interface, but not a bridge/);
    const missing = await stack.up(async () => void attachment({ create: { uplink: "lan7" } }));
    expect(missing.text).toMatch(/could not make the bridge "br-lan".*there is no interface "lan7"/);
  });

  test("the host keeps its DHCP address, and a machine gets the one for its MAC address", async () => {
    const before = await addressOf("lan0");
    const run = await stack.up(withMachine((lan) => [lan.attach({ mac })]));
    expect(run.text).not.toContain("error:");
    expect(run.outputs.addresses).toEqual(["192.168.77.9"]);
    expect(await addressOf("br-lan")).toBe(before);
    expect(await reaches(peer, "192.168.77.9")).toBe(true);
    expect(await reaches(host, "192.168.77.1", true)).toBe(true);
  });

  test("a machine can join the bridge with a second link", async () => {
    const run = await stack.up(
      withMachine((lan) => [lan.attach({ address: "192.168.77.20/24" }), lan.attach({ mac, vlan: 20 })]),
    );
    expect(run.text).toMatch(/could not start the machine "box".*the bridge "br-lan" does not filter VLANs/);
    expect(run.text).toContain("sudo ip link set br-lan type bridge vlan_filtering 1");
    await host.sh("ip link add br9 type bridge; ip link set br9 up");
    const two = await stack.up(
      withMachine((lan) => [
        { bridge: { host: `${host.address}:22`, id: "br9", name: "br9", address: "192.168.78.20/24" } },
        lan.attach({ mac }),
      ]),
    );
    expect(two.text).not.toContain("error:");
    expect(two.outputs.addresses).toEqual(["192.168.78.20", "192.168.77.9"]);
    expect(await host.sh("cat /sys/class/net/vx1-box/master/uevent")).toContain("INTERFACE=br-lan");
    expect(await reaches(peer, "192.168.77.9")).toBe(true);
  });

  test("another stack may use the bridge, and makes or adopts it only if it says so", async () => {
    const other = await Stack.create("other");
    try {
      const refused = await other.up(async () => void attachment({ create }));
      expect(refused.text).toMatch(/the bridge there belongs to urn:pulumi:dev::.*`adopt: true`/);
      expect((await other.up(async () => void attachment())).text).not.toContain("error:");
      expect((await other.destroy()).text).not.toContain("error:");
      expect(await host.sh("cat /sys/class/net/lan0/master/uevent")).toContain("INTERFACE=br-lan");
      const by_hand = await other.up(async () => void attachment({ bridge: "br9", create: { uplink: "eth0" } }));
      expect(by_hand.text).toMatch(
        /an interface of that name already that pulumi-nspawn did not make.*Leave `create` out/,
      );
      expect((await other.up(async () => void attachment({ create, adopt: true }))).text).not.toContain("error:");
      // Now it belongs to the other stack: the first one finds it gone, and makes no claim to it.
      expect((await stack.refresh()).changes).toMatchObject({ delete: 1 });
      expect((await other.destroy()).text).toMatch(/in use.*the interface vx1-box/s);
      expect((await stack.destroy()).text).not.toContain("error:");
      expect((await other.destroy()).text).not.toContain("error:");
    } finally {
      await other.dispose();
    }
    await host.sh(
      "for i in $(seq 300); do ip -4 address show dev lan0 | grep -q 192.168.77. && exit 0; sleep 0.1; done; exit 1",
    );
  });

  test("a bridge made by hand that is gone is a difference, and an error if it is needed", async () => {
    const program = async () => void attachment({ bridge: "br9" });
    expect((await stack.up(program)).text).not.toContain("error:");
    await host.sh("ip link delete br9");
    await stack.refresh();
    expect((await stack.preview(program)).text).toMatch(/repair: bridge/);
    expect((await stack.up(program)).text).toMatch(/there is no bridge "br9"/);
    expect((await stack.destroy()).text).not.toContain("error:");
  });
});
