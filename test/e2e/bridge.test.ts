import * as nspawn from "../../index";
import { type TestHost, up } from "../hosts";
import { inBox } from "./support/box";
import { connectionTo } from "./support/hosts";
import { addressBeside, get, reaches, serve } from "./support/lan";
import { Stack } from "./support/stack";

let peer: TestHost;

beforeAll(async () => {
  peer = await up({ name: "bridge-peer", suite: "trixie" });
});

afterAll(() => peer.down());

describe.each(["bookworm", "trixie", "forky"] as const)("a bridge over the only uplink of a %s host", (suite) => {
  let host: TestHost;
  let stack: Stack;
  let before: string[];
  let address: string;

  beforeAll(async () => {
    host = await up({ name: `bridge-${suite}`, suite });
    await host.reboot();
    // The test host's own, beside that of networkd.
    await host.sh("ip route delete default proto boot");
    // Names an interface by its MAC address, as cloud-init does: the bridge has the same one.
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

  test("a wrong address cuts the host off, and it comes back with its old network and says why", async () => {
    const run = await stack.up(wrong);
    expect(run.ok).toBe(false);
    expect(run.text).toMatch(/could not make the bridge "br0".*could not be confirmed with its new network/);
    expect(run.text).toContain("went back to its old one by itself");
    expect(run.text).toContain("198.51.100.7");
    expect(await host.snapshot()).toEqual(before);
    expect(await reaches(peer, host.address)).toBe(true);
  });

  test("a power cut before the confirmation leaves the old network", async () => {
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

  test("the right one is made without losing the host, and a machine on it is a peer on the LAN", async () => {
    const run = await stack.up(withMachine);
    expect(run.text).not.toContain("error:");
    expect(run.outputs).toMatchObject({ state: "running", address, interface: "vb-box" });
    expect(await host.sh("ip -4 -brief address show dev br0")).toContain(host.address);
    await serve(host, "hello from the box");
    expect(await get(peer, address)).toContain("hello from the box");
    expect(await reaches(host, peer.address, true)).toBe(true);
    expect(await inBox(host, "ip -4 route show default")).toContain("via 198.18.240.1 dev host0");
  });

  test("a second up and a refresh change nothing", async () => {
    expect((await stack.up(withMachine)).changes).toEqual({ same: 5 });
    expect((await stack.refresh()).changes).toEqual({ same: 5 });
    expect((await stack.up(withMachine)).changes).toEqual({ same: 5 });
  });

  test("after a reboot of the host both are there again", async () => {
    await host.reboot();
    await host.sh("for i in $(seq 300); do machinectl -q show box >/dev/null 2>&1 && exit 0; sleep 0.2; done; exit 1");
    await stack.refresh();
    expect((await stack.up(withMachine)).text).not.toContain("error:");
    expect(await inBox(host, "networkctl list host0 --no-legend")).toContain("routable");
    expect(await reaches(peer, address)).toBe(true);
    expect(await host.sh("cat /sys/class/net/eth0/master/uevent")).toContain("INTERFACE=br0");
  });

  test("what was done by hand is shown and repaired", async () => {
    await host.sh("sed -i s/^DNS=.*/DNS=192.0.2.53/ /etc/systemd/network/00-pulumi-nspawn-br0.network");
    await stack.refresh();
    expect((await stack.preview(withMachine, { diff: true })).text).toMatch(/repair: .*00-pulumi-nspawn-br0\.network/);
    expect((await stack.up(withMachine)).text).not.toContain("error:");
    expect(await host.sh("cat /etc/systemd/network/00-pulumi-nspawn-br0.network")).not.toContain("192.0.2.53");
    expect((await stack.up(withMachine)).changes).toEqual({ same: 5 });
  });

  test("it does not go while something else is in it", async () => {
    await host.sh("ip link add stray type veth peer name stray2; ip link set stray master br0");
    const refused = await stack.destroy();
    expect(refused.text).toMatch(/could not remove the bridge "br0".*in use.*the interface stray/s);
    await host.sh("ip link delete stray");
  });

  test("destroy puts the uplink back, and leaves the host as it was", async () => {
    const run = await stack.destroy();
    expect(run.text).not.toContain("error:");
    expect(await host.snapshot()).toEqual(before);
    expect(await reaches(peer, host.address)).toBe(true);
  });
});
