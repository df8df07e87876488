import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";
import { check, onlyKeys } from "../../../provider/dynamic/check";
import { bindMountHandler } from "../../../provider/resources/bind-mount/bind-mount-handler";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";

const registered: { type: string; inputs: Record<string, unknown> }[] = [];

/** Answers a registration as the engine does: with what the check made of the inputs. */
beforeEach(async () => {
  registered.length = 0;
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, inputs });
      if (!type.endsWith(":BindMount")) return { id: `${name}@1`, state: inputs };
      const { __provider: _provider, ...news } = inputs;
      return { id: `${inputs.source}@x7k2`, state: check(bindMountHandler, {}, news).inputs };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const connection = { host: "web1" };
const rootfs = { id: "web@1", name: "web", host: { connection } };
const projects = () => new nspawn.BindMount("projects", { host: connection, source: "/srv/p", target: "/p" });
const spec = {
  bind: {
    host: "web1:22",
    id: "/srv/p@x7k2",
    source: "/srv/p",
    target: "/p",
    readOnly: false,
    recursive: false,
    ownership: "auto",
    exposeHost: false,
  },
};

async function mountsSent(mounts: nspawn.NspawnMachineArgs["mounts"]): Promise<unknown> {
  await value(new nspawn.NspawnMachine("web", { rootfs, mounts }).urn);
  return registered.find(({ type }) => type.endsWith(":NspawnMachine"))?.inputs.mounts;
}

test("its ref is plain JSON with the defaults from the check, and the identity of its host", async () => {
  const ref = await value(projects().ref);
  expect(JSON.parse(JSON.stringify(ref))).toEqual(spec);
  const instance = new nspawn.BindMount("other", {
    host: { connection, instance: "vm-1" },
    source: "/srv/p",
    target: "/p",
  });
  expect((await value(instance.ref)).bind.host).toBe("vm-1");
});

test("a machine takes a BindMount alone, with other mounts, in Outputs and in arrays in Outputs", async () => {
  const scratch = { tmpfs: "/scratch" };
  expect(await mountsSent([projects(), scratch])).toEqual([spec, scratch]);
  registered.length = 0;
  expect(await mountsSent([pulumi.output(projects()), pulumi.output(scratch)])).toEqual([spec, scratch]);
  registered.length = 0;
  expect(await mountsSent(pulumi.output([projects(), scratch]))).toEqual([spec, scratch]);
  registered.length = 0;
  expect(await mountsSent(Promise.resolve([projects().ref]))).toEqual([spec]);
});

test("a ref from another stack works like the resource itself, and passes the machine's check", async () => {
  const ref: nspawn.BindMountRef = JSON.parse(JSON.stringify(await value(projects().ref)));
  const sent = await mountsSent([ref]);
  expect(sent).toEqual([spec]);
  const { inputs } = registered.find(({ type }) => type.endsWith(":NspawnMachine")) ?? { inputs: {} };
  expect(check(machineHandler, {}, onlyKeys(inputs, machineHandler.inputs.shape)).failures).toEqual([]);
});

test("a machine without mounts sends none", async () => {
  expect(await mountsSent(undefined)).toBeUndefined();
});

test("credentials are secret, but neither the source nor the spec is", async () => {
  const bind = new nspawn.BindMount("p", {
    host: connection,
    credentials: { password: "hunter2" },
    source: "/srv/p",
    target: "/p",
  });
  await value(bind.urn);
  expect(await pulumi.isSecret(bind.credentials)).toBe(true);
  expect(await pulumi.isSecret(bind.ref)).toBe(false);
  expect(registered[0]?.inputs.__provider).toBe(
    'exports.handler=()=>require("pulumi-nspawn/provider").get("BindMount");',
  );
});
