import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";
import { bridgeHandler } from "../../../provider/resources/bridge-attachment/bridge-handler";

const registered: { type: string; inputs: Record<string, unknown> }[] = [];

beforeEach(async () => {
  registered.length = 0;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, inputs });
      const checked = type.endsWith(":BridgeAttachment")
        ? bridgeHandler.computed?.({ address: "dhcp", ...inputs }, {})
        : {};
      return { id: `${name}@x7k2`, state: { ...inputs, ...checked } };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const host = { connection: { host: "web1", port: 2222 } };
const rootfs = { id: "web@1", name: "web", host };
const networksOf = async (networks: nspawn.NspawnMachineArgs["networks"]) => {
  await value(new nspawn.NspawnMachine("web", { rootfs, ...(networks && { networks }) }).urn);
  return registered.find(({ type }) => type.endsWith(":NspawnMachine"))?.inputs.networks;
};

test("a machine's networks contain an attachment as plain data, with its host and its id", async () => {
  const lan = new nspawn.BridgeAttachment("lan", { host, bridge: "br0" });
  expect(await networksOf([lan])).toEqual([
    { bridge: { host: "web1:2222", id: "lan@x7k2", name: "br0", address: "dhcp" } },
  ]);
});

test.each([
  ["as it is", (lan: nspawn.BridgeAttachment) => [lan]],
  ["in an output", (lan: nspawn.BridgeAttachment) => [pulumi.output(lan)]],
  ["in an array in an output", (lan: nspawn.BridgeAttachment) => pulumi.output([lan])],
  ["by attach()", (lan: nspawn.BridgeAttachment) => [lan.attach()]],
  ["by its ref", (lan: nspawn.BridgeAttachment) => [lan.ref]],
])("an attachment is the same %s", async (_how, networks) => {
  const lan = new nspawn.BridgeAttachment("lan", { host, bridge: "br0", vlan: 20 });
  const ref = await value(lan.ref);
  expect(JSON.parse(JSON.stringify(ref))).toEqual({
    bridge: { host: "web1:2222", id: "lan@x7k2", name: "br0", address: "dhcp", vlan: 20 },
  });
  expect(await networksOf(networks(lan))).toEqual([ref]);
});

test("attach() has values for one machine, and takes the rest from the attachment", async () => {
  const lan = new nspawn.BridgeAttachment("lan", { host, bridge: "br0", gateway: "192.168.1.1", dns: ["9.9.9.9"] });
  expect(await value(lan.attach())).toMatchObject({
    bridge: { address: "dhcp", gateway: "192.168.1.1", dns: ["9.9.9.9"] },
  });
  const own = { address: pulumi.output("192.168.1.20/24"), mac: "02:00:5e:10:00:01" };
  for (const db of [lan.attach(own), nspawn.BridgeAttachment.attach(lan.ref, own)])
    expect((await value(db)).bridge).toEqual({
      host: "web1:2222",
      id: "lan@x7k2",
      name: "br0",
      address: "192.168.1.20/24",
      gateway: "192.168.1.1",
      dns: ["9.9.9.9"],
      mac: "02:00:5e:10:00:01",
    });
});

test("a host that may change its address is identified by its instance", async () => {
  const lan = new nspawn.BridgeAttachment("lan", { host: { ...host, instance: "i-0abc" }, bridge: "br0" });
  expect((await value(lan.ref)).bridge.host).toBe("i-0abc");
});

test("it carries the constant line, and no function", async () => {
  const lan = new nspawn.BridgeAttachment("lan", { host, bridge: "br0", create: { uplink: "eth0" } });
  await value(lan.urn);
  expect(registered[0]).toMatchObject({
    type: "pulumi-nodejs:dynamic/nspawn:BridgeAttachment",
    inputs: {
      bridge: "br0",
      create: { uplink: "eth0" },
      __provider: 'exports.handler=()=>require("pulumi-nspawn/provider").get("BridgeAttachment");',
    },
  });
});
