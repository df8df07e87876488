import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";

const registered = new Map<string, Record<string, unknown>>();

beforeEach(async () => {
  registered.clear();
  await pulumi.runtime.setMocks({
    newResource: ({ type, inputs }) => {
      registered.set(type.split(":").at(-1) ?? "", inputs);
      return { id: `${inputs.name}@1`, state: inputs };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const host = { connection: { host: "web1" } };
const rootfs = { id: "web@r1", name: "web", host };

test("it takes from its machine the name, the host, and the ids of machine and root, each separately", async () => {
  const machine = new nspawn.NspawnMachine("web", { rootfs, credentials: { password: "hunter2" } });
  const provision = new nspawn.Provision("inside", { machine });
  await value(provision.urn);
  expect(registered.get("Provision")).toMatchObject({ name: "web", machine: "web@1", rootfs: "web@r1", host });
  expect(await pulumi.isSecret(machine.credentials)).toBe(true);
  expect(registered.get("Provision")?.credentials).toMatchObject({ value: { password: "hunter2" } });
});

test("a ref from another stack works like the machine itself", async () => {
  const { ref } = new nspawn.NspawnMachine("web", { rootfs });
  const plain: nspawn.MachineRef = JSON.parse(JSON.stringify(await value(ref)));
  expect(plain).toEqual({ id: "web@1", name: "web", rootfs: "web@r1", host });
  await value(new nspawn.Provision("inside", { machine: pulumi.output(plain) }).urn);
  expect(registered.get("Provision")).toMatchObject({ name: "web", machine: "web@1", rootfs: "web@r1", host });
});

test("secrets are secret under their own key, and nothing else becomes secret", async () => {
  const machine = new nspawn.NspawnMachine("web", { rootfs });
  const steps = [{ name: "login", run: "x", secrets: ["token"] }];
  await value(new nspawn.Provision("inside", { machine, steps, secrets: { token: "hunter2" } }).urn);
  const { secrets, ...others } = registered.get("Provision") ?? {};
  expect(JSON.stringify(others)).not.toContain("hunter2");
  expect(secrets).toEqual({ "4dabf18193072939515e22adb298388d": expect.any(String), value: { token: "hunter2" } });
  expect(others).toMatchObject({
    steps,
    __provider: 'exports.handler=()=>require("pulumi-nspawn/provider").get("Provision");',
  });
});
