import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";
import { check } from "../../../provider/dynamic/check";
import { networkHandler } from "../../../provider/resources/veth-network/network-handler";

const registered: { type: string; inputs: Record<string, unknown> }[] = [];

beforeEach(async () => {
  registered.length = 0;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, inputs });
      const state = type.endsWith(":VethNetwork") ? check(networkHandler, {}, inputs).inputs : inputs;
      return { id: `${name}@x7k2`, state };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const host = { connection: { host: "web1.example.com" } };
const rootfs = { id: "web@1", name: "web", host };

const spec = {
  host: "web1.example.com:22",
  id: "dev@x7k2",
  network: "dev",
  mode: "isolated",
  subnet: "10.42.1.0/24",
  subnet6: "none",
  dhcp: false,
  dns: "host",
  apart: false,
  ports: [],
};

/** What a machine with these networks sends. */
async function sent(networks: nspawn.NspawnMachineArgs["networks"]): Promise<unknown> {
  await value(new nspawn.NspawnMachine("web", { rootfs, networks }).urn);
  return registered.at(-1)?.inputs.networks;
}

test("a network is named after its resource, and its gateway is an output", async () => {
  const net = new nspawn.VethNetwork("dev", { host, subnet: "10.42.1.0/24" });
  expect(await value(net.name)).toBe("dev");
  expect(await value(net.gateway)).toBe("10.42.1.1");
});

test("a machine takes a network directly, attached, inside Outputs and by its ref alike", async () => {
  const net = new nspawn.VethNetwork("dev", { host, subnet: "10.42.1.0/24" });
  const ref = JSON.parse(JSON.stringify(await value(net.ref)));
  expect(ref).toEqual({ veth: spec });
  const shapes = [
    [net],
    [net.attach()],
    [pulumi.output(net)],
    pulumi.output([net]),
    [ref],
    [pulumi.output(ref)],
    [nspawn.VethNetwork.attach(ref)],
  ];
  for (const networks of shapes) expect(await sent(networks)).toEqual([{ veth: spec }]);
  expect(await sent(["host"])).toEqual(["host"]);
});

test("an attachment carries an address and ports, even for a network of another stack", async () => {
  const net = new nspawn.VethNetwork("dev", { host, subnet: "10.42.1.0/24" });
  const args = {
    address: pulumi.output("10.42.1.9"),
    ports: ["8080:80", { host: 53, guest: 53, protocol: "udp" as const }],
  };
  const expected = [{ veth: { ...spec, address: "10.42.1.9", ports: ["8080:80", "53:53/udp"] } }];
  expect(await sent([net.attach(args)])).toEqual(expected);
  expect(await sent([nspawn.VethNetwork.attach(net.ref, args)])).toEqual(expected);
});

test("machines of a zone are isolated if the network says so", async () => {
  const isolation = { machines: true };
  const net = new nspawn.VethNetwork("seg", { host, subnet: "10.43.0.0/24", mode: "zone", isolation });
  expect(await sent([net])).toMatchObject([{ veth: { network: "seg", mode: "zone", apart: true } }]);
});

test("credentials of a network are secret, and its ref is not", async () => {
  const net = new nspawn.VethNetwork("dev", { host, credentials: { password: "hunter2" }, subnet: "10.42.1.0/24" });
  await value(net.urn);
  expect(await pulumi.isSecret(net.ref)).toBe(false);
  expect(JSON.stringify(await value(net.ref))).not.toContain("hunter2");
});
