import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];

beforeEach(async () => {
  registered.length = 0;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, name, inputs });
      return { id: `${name}@1`, state: inputs };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

const rootfs = { id: "web@1", name: "web", host: { connection: { host: "web1" } } };

test("a machine takes its name, its host and its root from the root", async () => {
  const machine = new nspawn.NspawnMachine("any", { rootfs, hostname: "www" });
  await value(machine.urn);
  expect(registered[0]).toMatchObject({
    type: "pulumi-nodejs:dynamic/nspawn:NspawnMachine",
    inputs: { name: "web", rootName: "web", rootfs: "web@1", hostname: "www", host: rootfs.host },
  });
});

test("300 machines serialise nothing: each carries the same constant line", async () => {
  const machines = Array.from({ length: 300 }, (_, index) => new nspawn.NspawnMachine(`m${index}`, { rootfs }));
  await Promise.all(machines.map((machine) => value(machine.urn)));
  const lines = new Set(registered.map(({ inputs }) => inputs.__provider));
  expect(registered).toHaveLength(300);
  expect([...lines]).toEqual(['exports.handler=()=>require("pulumi-nspawn/provider").get("NspawnMachine");']);
  expect(registered.filter(({ inputs }) => JSON.stringify(inputs).includes("function"))).toEqual([]);
});

test("credentials of a host are secret, and its connection is not", async () => {
  const host = new nspawn.Host("web1", { connection: "ssh://ops@web1:2222", credentials: { password: "hunter2" } });
  await value(host.urn);
  expect(await pulumi.isSecret(host.credentials)).toBe(true);
  expect(await pulumi.isSecret(host.connection)).toBe(false);
  expect(registered[0]?.inputs.connection).toMatchObject({ host: "web1", user: "ops", port: 2222 });
});

test("a part of a connection or of credentials may be an Output, like the address of a VM", async () => {
  const [address, key] = [pulumi.output("192.0.2.7"), pulumi.secret("a key")];
  const host = new nspawn.Host("vm", { connection: { host: address, user: "root" }, credentials: { privateKey: key } });
  const direct = new nspawn.DebianRootfs("direct", { host: { host: address, port: 2222 } });
  await Promise.all([value(host.urn), value(direct.urn)]);
  const inputs = Object.fromEntries(registered.map((one) => [one.name, one.inputs]));
  expect(inputs.vm).toMatchObject({
    connection: { host: "192.0.2.7", user: "root" },
    credentials: { value: { privateKey: "a key" } },
  });
  expect(inputs.direct).toMatchObject({ host: { connection: { host: "192.0.2.7", port: 2222 } } });
});

test("each resource sends its own URN and the version of its state", async () => {
  const machine = new nspawn.NspawnMachine("m", { rootfs });
  const urn = await value(machine.urn);
  expect(registered[0]?.inputs).toMatchObject({ __urn: urn, _v: 1 });
});

test("a registration leaves the limit of stack traces as it was, even if it fails", async () => {
  const limit = Error.stackTraceLimit;
  await value(new nspawn.NspawnMachine("m", { rootfs }).urn);
  expect(Error.stackTraceLimit).toBe(limit);
  expect(() => new nspawn.NspawnMachine("", { rootfs })).toThrow(/name/);
  expect(Error.stackTraceLimit).toBe(limit);
});

test("a resource passes on its host and its secret credentials when it is given directly", async () => {
  const host = new nspawn.Host("web1", { connection: "ssh://ops@web1", credentials: { password: "hunter2" } });
  const root = new nspawn.DebianRootfs("web", { host });
  const machine = new nspawn.NspawnMachine("web", { rootfs: root });
  await value(machine.urn);
  expect(await pulumi.isSecret(machine.credentials)).toBe(true);
  expect(await pulumi.isSecret(machine.host)).toBe(false);
  expect(registered.find(({ type }) => type.endsWith("NspawnMachine"))?.inputs).toMatchObject({
    rootName: "web",
    rootfs: "web@1",
  });
});
