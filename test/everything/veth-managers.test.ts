import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { answering, ask } from "../support/network";
import { Stack } from "../support/stack";

/** Puts the host's own link under a manager other than networkd, without cutting its connection. */
const managers = {
  ifupdown: (address: string) => `
apt-get -q -y --no-install-recommends install ifupdown
systemctl mask networking.service
printf 'auto eth0\\niface eth0 inet static\\n  address ${address}/24\\n  gateway 198.18.240.1\\n' >/etc/network/interfaces
echo eth0=eth0 >/run/network/ifstate
# A default route that the kernel learned from a router.
echo 1 >/proc/sys/net/ipv6/conf/eth0/accept_ra
ip -6 route add default via fe80::1 dev eth0 proto ra
`,
  NetworkManager: (address: string) => `
apt-get -q -y --no-install-recommends install network-manager
printf '[device]\\nmatch-device=interface-name:eth0\\nmanaged=1\\n' >/etc/NetworkManager/conf.d/eth0.conf
systemctl restart NetworkManager
nmcli connection add type ethernet con-name lan ifname eth0 ipv4.method manual ipv4.addresses ${address}/24 ipv4.gateway 198.18.240.1
nmcli connection up lan
`,
};

describe.each(["ifupdown", "NetworkManager"] as const)("a host whose link is managed by %s", (manager) => {
  let host: TestHost;
  let stack: Stack;

  beforeAll(async () => {
    host = await upWithBase({ name: manager.toLowerCase(), suite: "bookworm", filesystem: "btrfs" });
    stack = await Stack.create("dev");
    await host.sh(`
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
systemctl disable --now systemd-networkd.socket systemd-networkd.service
rm /etc/systemd/network/10-eth0.network
${managers[manager](host.address)}
ip rule add from 192.0.2.0/24 table 100 priority 1000
ip route add 192.0.2.0/24 dev eth0 table 100
`);
  });

  afterAll(async () => {
    await stack.dispose();
    await host.down();
  });

  const program = (install: boolean) => async () => {
    const server = new nspawn.Host("server", { connection: connectionTo(host), install });
    const net = new nspawn.VethNetwork("dev", { host: server, subnet: "10.42.1.0/24", subnet6: "fd42:1::/64" });
    const rootfs = new nspawn.DebianRootfs("box", { host: server, ...answering });
    const box = new nspawn.NspawnMachine("box", { rootfs, networks: [net.attach({ ports: ["8080:80"] })] });
    return { address: box.address };
  };
  const own = () => host.sh("ip -4 -o address show dev eth0; ip -4 route show; ip rule show; ip route show table 100");

  test("without networkd a network is refused with the command that fixes it, and nothing is left", async () => {
    const { text } = await stack.up(program(false));
    expect(text).toMatch(/could not set up the network "dev" on .*: systemd-networkd is not running on the host/);
    expect(text).toContain("sudo systemctl enable --now systemd-networkd.service");
    expect(await host.sh("ls -d /etc/pulumi-nspawn /var/lib/pulumi-nspawn/networks 2>/dev/null || :")).toBe("");
  });

  test("install starts networkd, machines have their network, and the host's own link is unchanged", async () => {
    const before = await own();
    const { text, outputs } = await stack.up(program(true));
    expect(text).not.toContain("error:");
    expect(outputs.address).toBe("10.42.1.128");
    expect(await ask(host.address, 8080)).toMatch(/^box /);
    const after = await own();
    for (const line of before.split("\n")) expect(after).toContain(line);
    // A machine answers over IPv4 before duplicate address detection is done for its link's IPv6 address and the link
    // is configured.
    expect(
      await host.sh(
        "for i in $(seq 300); do networkctl list --no-legend --no-pager > /run/links; ! grep -q configuring /run/links && break; sleep 0.2; done; cat /run/links",
      ),
    ).toMatch(/eth0 +ether +\S+ +unmanaged.*ve-box +ether +routable +configured/s);
    if (manager === "ifupdown") {
      expect(
        await host.sh("cat /proc/sys/net/ipv6/conf/eth0/accept_ra /etc/sysctl.d/91-pulumi-nspawn-accept-ra.conf"),
      ).toMatch(/^2\n.*\nnet\/ipv6\/conf\/eth0\/accept_ra = 2\n$/s);
    }
    if (manager === "NetworkManager") {
      expect(await host.sh("nmcli -t -f DEVICE,STATE device")).toMatch(/eth0:connected.*ve-box:unmanaged/s);
    }
    expect((await stack.destroy()).text).not.toContain("error:");
    for (const line of before.split("\n")) expect(await own()).toContain(line);
    expect(await host.sh("ls /etc/sysctl.d")).not.toContain("pulumi-nspawn");
  });
});
