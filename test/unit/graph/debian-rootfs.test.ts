import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";

const registered: { type: string; inputs: Record<string, unknown> }[] = [];

beforeEach(async () => {
  registered.length = 0;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, inputs });
      // A host's check derives its ref.
      const derived = type.endsWith(":Host") ? { ref: { connection: inputs.connection } } : {};
      return { id: `${name}@x7k2`, state: { ...inputs, ...derived } };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const connection = { host: "web1.example.com" };

test("a root is named after its resource, and takes a host in every form that a user may write", async () => {
  const host = new nspawn.Host("web1", { connection });
  await value(host.urn);
  const shapes = [
    host,
    pulumi.output(host),
    { connection },
    connection,
    "web1.example.com",
    pulumi.output("web1.example.com"),
  ];
  const roots = shapes.map((shape, index) => new nspawn.DebianRootfs(`root${index}`, { host: shape }));
  await Promise.all(roots.map((root) => value(root.urn)));
  const sent = registered.filter(({ type }) => type === "pulumi-nodejs:dynamic/nspawn:DebianRootfs");
  expect(sent.map(({ inputs }) => inputs.name).sort()).toEqual(shapes.map((_shape, index) => `root${index}`));
  for (const { inputs } of sent) {
    expect(inputs).toMatchObject({ host: { connection }, _v: 1 });
    expect(inputs.__provider).toBe('exports.handler=()=>require("pulumi-nspawn/provider").get("DebianRootfs");');
  }
});

test("its ref is plain JSON that a machine takes like the root itself", async () => {
  const root = new nspawn.DebianRootfs("web", { host: { connection } });
  const ref = await value(root.ref);
  expect(JSON.parse(JSON.stringify(ref))).toEqual({ id: "web@x7k2", name: "web", host: { connection } });
  for (const rootfs of [root, ref]) await value(new nspawn.NspawnMachine("web", { rootfs }).urn);
  const [, ofRoot, ofRef] = registered;
  expect(ofRef?.inputs).toEqual({ ...ofRoot?.inputs });
  expect(ofRoot?.inputs).toMatchObject({ name: "web", rootfs: "web@x7k2" });
});

test("credentials are secret; the host and the name are not", async () => {
  const root = new nspawn.DebianRootfs("web", {
    host: connection,
    credentials: { password: "hunter2" },
    rootPassword: "secret",
  });
  await value(root.urn);
  expect(await pulumi.isSecret(root.credentials)).toBe(true);
  expect(await pulumi.isSecret(root.host)).toBe(false);
  expect(await pulumi.isSecret(root.name)).toBe(false);
});
