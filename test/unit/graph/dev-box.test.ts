import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";
import { check, onlyKeys } from "../../../provider/dynamic/check";
import { bindMountHandler } from "../../../provider/resources/bind-mount/bind-mount-handler";
import { rootfsHandler } from "../../../provider/resources/debian-rootfs/rootfs-handler";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { provisionHandler } from "../../../provider/resources/provision/provision-handler";
import { networkHandler } from "../../../provider/resources/veth-network/network-handler";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
const outputs: Record<string, object> = {
  NspawnMachine: { address: "10.1.2.3" },
  Provision: { results: { "sshd host key": { status: 0, output: `${key}\n` } } },
};

beforeEach(() => {
  registered.length = 0;
});

/**
 * Answers a registration as the engine does: with what the check made of the inputs. Components resolve their outputs
 * after a test has ended.
 */
beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      const kind = type.split(":").at(-1) ?? "";
      registered.push({ type, name, inputs });
      const { __provider: _provider, ...news } = inputs;
      return { id: `${name}@1`, state: { ...checkedAs(kind, news), ...outputs[kind] } };
    },
    call: ({ inputs }) => inputs,
  });
});

function checkedAs(kind: string, news: Record<string, unknown>): Record<string, unknown> {
  if (kind === "BindMount") return check(bindMountHandler, {}, news).inputs;
  if (kind === "VethNetwork") return check(networkHandler, {}, news).inputs;
  return news;
}

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const host = { connection: { host: "web1", user: "ops" } };
const of = (kind: string) => registered.find(({ type }) => type.endsWith(`:${kind}`))?.inputs ?? {};

async function made(args: Omit<nspawn.DevBoxArgs, "host">): Promise<nspawn.DevBox> {
  const box = new nspawn.DevBox("alice", { host, ...args });
  await value(box.sshConfig);
  return box;
}

test("a box is a component of a network, a root, two mounts, a machine and the work inside it", async () => {
  const box = await made({ user: { name: "al" } });
  expect(registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
    "BindMount alice-home",
    "BindMount alice-host-keys",
    "DebianRootfs alice",
    "DevBox alice",
    "NspawnMachine alice",
    "Provision alice",
    "VethNetwork alice-network",
  ]);
  expect(registered[0]?.type).toBe("nspawn:index:DevBox");
  expect(await value(box.machine.urn)).toContain("nspawn:index:DevBox$pulumi-nodejs:dynamic/nspawn:NspawnMachine");
  expect(of("DebianRootfs")).toMatchObject({ name: "alice", suite: "trixie" });
  expect(await value(box.user)).toBe("al");
  expect(await value(box.address)).toBe("10.1.2.3");
  expect(await value(box.sshConfig)).toContain(`\n  ProxyJump ops@web1\n`);
  expect(await value(box.knownHosts)).toBe(`alice.web1,10.1.2.3 ${key}\n`);
});

test("a new root needs the permission to lose the old one, and adopt goes to all parts", async () => {
  await made({ user: { name: "al" } });
  expect(of("DebianRootfs")).not.toHaveProperty("dataLoss");
  registered.length = 0;
  await made({ user: { name: "al" }, dataLoss: "allow", adopt: true });
  expect(of("DebianRootfs")).toMatchObject({ dataLoss: "allow", adopt: true });
  expect([of("NspawnMachine").adopt, of("VethNetwork").adopt]).toEqual([true, true]);
});

test("the inputs of its parts pass their checks", async () => {
  const net = new nspawn.VethNetwork("dev", { host, subnet: "10.42.1.0/24" });
  await made({
    user: pulumi.output({ name: "al", uid: 1500, shell: "/usr/bin/zsh" }),
    network: net,
    packages: ["jq"],
    ports: [{ host: 8080, guest: 80, label: "web" }],
    repositories: [{ url: "https://example.com/site.git" }],
    dotfiles: { url: "ssh://git@example.com/dots", deployKey: "dots" },
    deployKeys: { dots: "KEY" },
    secrets: { token: "hunter2" },
    hooks: { postCreate: ["make"], postStart: "true" },
    motd: "Hello.",
    mounts: [{ tmpfs: "/scratch" }],
  });
  expect(check(rootfsHandler, {}, sentTo(rootfsHandler)).failures).toEqual([]);
  expect(check(machineHandler, {}, sentTo(machineHandler)).failures).toEqual([]);
  expect(check(provisionHandler, {}, sentTo(provisionHandler)).failures).toEqual([]);
  expect(of("DebianRootfs").packages).toEqual(
    expect.arrayContaining(["openssh-server", "sudo", "jq", "zsh", "git", "openssh-client", "ca-certificates"]),
  );
  expect(of("NspawnMachine")).toMatchObject({
    networks: [{ veth: { network: "dev", ports: ["8080:80/tcp"] } }],
    mounts: [
      { bind: { source: "/var/lib/devboxes/alice/home", target: "/home/al" } },
      { bind: { source: "/var/lib/devboxes/alice/host-keys", target: "/etc/ssh/host-keys" } },
      { tmpfs: "/scratch" },
    ],
  });
  expect(registered.find(({ name }) => name === "alice-home")?.inputs).toMatchObject({
    create: { owner: 1500, group: 1500 },
  });
  expect(of("Provision")).toMatchObject({
    users: [{ name: "al", uid: 1500, gid: 1500, sudo: true }],
    repositories: [
      { directory: ".dotfiles", user: "al", deployKey: "deploy-key-dots" },
      { url: "https://example.com/site.git", user: "al" },
    ],
    files: [{ path: "/etc/motd", content: "Hello.\n" }],
    steps: [
      { name: "sshd host key" },
      { name: "dotfiles", as: "al", cwd: ".dotfiles" },
      { name: "postCreate", cwd: "site", secrets: ["token"] },
      { name: "postStart", when: "start" },
    ],
  });
});

function sentTo({ kind, inputs: { shape } }: { kind: string; inputs: { shape: object } }): Record<string, unknown> {
  return onlyKeys(Object.fromEntries(Object.entries(of(kind)).map(([name, given]) => [name, plain(given)])), shape);
}

/** How a secret is passed to the engine. */
function plain(given: unknown): unknown {
  return typeof given === "object" && given !== null && "4dabf18193072939515e22adb298388d" in given && "value" in given
    ? given.value
    : given;
}

test("secrets and deploy keys are secret, and nothing else becomes secret", async () => {
  await made({
    user: { name: "al" },
    repositories: [{ url: "ssh://x/y", deployKey: "k" }],
    deployKeys: { k: "hunter2" },
    secrets: { token: "hunter2" },
    hooks: { postCreate: "x" },
  });
  const { secrets, ...others } = of("Provision");
  expect(plain(secrets)).toEqual({ token: "hunter2", "deploy-key-k": "hunter2" });
  expect(Object.values(others).filter((one) => plain(one) !== one)).toEqual([]);
  expect(JSON.stringify(others)).not.toContain("hunter2");
  expect(JSON.stringify(registered.filter(({ type }) => !/Provision|NspawnMachine$/.test(type)))).not.toContain(
    "hunter2",
  );
});
