import type { Server } from "node:http";
import * as nspawn from "../../index";
import { upWithBase } from "../support/bases";
import { connectionTo } from "../support/connection";
import type { TestHost } from "../support/hosts";
import { answering, ask, fetching, inside, serveOutside } from "../support/network";
import { Stack } from "../support/stack";

/** Other programs with rules for forwarded packets, each as Debian packages it, one after the other on one host. */
describe("a network next to other firewalls", () => {
  let host: TestHost;
  let stack: Stack;
  let page: { readonly port: number; readonly server: Server };

  beforeAll(async () => {
    host = await upWithBase({ name: "firewalls", suite: "trixie", filesystem: "btrfs" });
    page = await serveOutside();
    stack = await Stack.create("dev");
  });

  afterAll(async () => {
    page.server.close();
    await stack.dispose();
    await host.down();
  });

  const install = (packages: string) =>
    host.sh(
      `export DEBIAN_FRONTEND=noninteractive; apt-get -q update && apt-get -q -y --no-install-recommends install ${packages}`,
    );

  /** Each call updates the network, as far as the engine knows. */
  let turn = 0;
  const change = () => {
    turn += 1;
    return stack.up(async () => {
      const server = new nspawn.Host("server", { connection: connectionTo(host) });
      const rootfs = new nspawn.DebianRootfs("box", { host: server, ...answering });
      const isolation = { host: turn % 2 === 0 };
      const net = new nspawn.VethNetwork("dev", { host: server, subnet: "10.42.1.0/24", isolation });
      new nspawn.NspawnMachine("box", { rootfs, networks: [net.attach({ ports: ["8080:80"] })] });
    });
  };
  const fetched = () => inside(host, "box", fetching(page.port));
  const answered = () => ask(host.address, 8080).catch(() => "nothing");

  async function expectOpen(): Promise<void> {
    expect(await fetched()).toBe(`you are ${host.address}`);
    expect(await answered()).toMatch(/^box /);
  }

  async function expectShut(): Promise<void> {
    expect(await fetched()).toBe("");
    expect(await answered()).toBe("nothing");
  }

  /** Runs the commands of a warning on the host, exactly as printed. */
  async function follow(warning: string): Promise<void> {
    for (const [, command] of warning.matchAll(/^ +sudo (.*)$/gm)) await host.sh(String(command));
  }

  test("Docker, whose policy is drop, gets the rules for the network each time it starts", async () => {
    await install("docker.io iptables");
    await host.sh("systemctl start docker");
    expect(await host.sh("iptables -S FORWARD")).toContain("-P FORWARD DROP");
    const made = await change();
    expect(made.text).not.toMatch(/error:|warning:/);
    await expectOpen();
    await host.sh("iptables -F PULUMI-NSPAWN");
    await expectShut();
    await host.sh("systemctl restart docker");
    await expectOpen();
    await host.sh("iptables -D DOCKER-USER -j PULUMI-NSPAWN");
    expect((await change()).text).not.toMatch(/error:|warning:/);
    await expectOpen();
    expect((await host.sh("iptables -S DOCKER-USER")).match(/PULUMI-NSPAWN/g)).toHaveLength(1);
    await host.sh("systemctl disable --now docker.socket docker; nft delete table ip filter; nft delete table ip nat");
  });

  test("ufw drops forwarded packets, and a warning has the commands that let them pass", async () => {
    await install("ufw iptables");
    await host.sh("ufw allow 22/tcp && ufw --force enable");
    await expectShut();
    const { text } = await change();
    expect(text).toMatch(/warning: ufw on .* drops packets of machines in 10\.42\.1\.0\/24/);
    await follow(text);
    await expectOpen();
    expect((await change()).text).not.toContain("warning:");
    await host.sh("ufw disable; nft delete table ip filter; nft delete table ip6 filter");
  });

  test("firewalld lets ports pass, and lets machines out once the commands of the warning are run", async () => {
    await install("firewalld");
    await host.sh("systemctl start firewalld; firewall-cmd --add-service=ssh");
    expect(await fetched()).toBe("");
    expect(await answered()).toMatch(/^box /);
    const { text } = await change();
    expect(text).toMatch(/warning: firewalld on .* drops packets of machines in 10\.42\.1\.0\/24/);
    await follow(text);
    await expectOpen();
    expect((await change()).text).not.toContain("warning:");
    await host.sh("systemctl stop firewalld");
  });

  test("a user's chain that drops packets is named, with the rules that it lacks", async () => {
    await host.sh("nft 'table inet guard { chain forward { type filter hook forward priority 5; policy drop; }; }'");
    await expectShut();
    const { text } = await change();
    expect(text).toMatch(/warning: The chain "inet guard forward" on .* drops packets/);
    await follow(text);
    await expectOpen();
    expect((await change()).text).not.toContain("warning:");
  });

  test("destroy removes the rules that Docker got", async () => {
    await host.sh("nft delete table inet guard; systemctl start docker");
    expect((await stack.destroy()).text).not.toContain("error:");
    expect(await host.sh("iptables-save")).not.toContain("PULUMI-NSPAWN");
    expect(await host.sh("ls /etc/systemd/system")).not.toContain("docker.service.d");
  });
});
