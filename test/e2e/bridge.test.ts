import * as nspawn from "../../index";
import { type TestHost, up } from "../hosts";
import { connectionTo } from "./support/hosts";
import { Stack } from "./support/stack";

describe.each(["bookworm"] as const)("a bridge over the only uplink of a %s host", (suite) => {
  let host: TestHost;
  let stack: Stack;
  let before: string[];

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
  const wrong = bridgeAlone({ addresses: ["198.51.100.7/24"], gateway: "198.51.100.1" });

  test("a wrong address cuts the host off, and it comes back with its old network and says why", async () => {
    const run = await stack.up(wrong);
    expect(run.ok).toBe(false);
    expect(run.text).toMatch(/could not make the bridge "br0".*could not be confirmed with its new network/);
    expect(run.text).toContain("went back to its old one by itself");
    expect(run.text).toContain("198.51.100.7");
    expect(await host.snapshot()).toEqual(before);
    // Asked over SSH, as at first.
    expect((await stack.refresh()).text).not.toContain("error:");
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
});
