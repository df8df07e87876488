import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";

const registered = new Map<string, Record<string, unknown>>();

beforeEach(async () => {
  registered.clear();
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
      registered.set(name, inputs);
      // Like a check, which derives the unit from the name.
      return { id: `${name}@1`, state: { ...inputs, unit: `systemd-nspawn@${inputs.name}.service` } };
    },
    call: ({ inputs }) => inputs,
  });
});

const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));
const root = (name: string, host = "web1") => ({ id: `${name}@1`, name, host: { connection: { host, port: 2222 } } });

test("a machine that is depended on is passed as its unit and its host, even inside Outputs", async () => {
  const db = new nspawn.NspawnMachine("db", { rootfs: root("db") });
  const cache = new nspawn.NspawnMachine("cache", { rootfs: root("cache", "web2") });
  const web = new nspawn.NspawnMachine("web", {
    rootfs: root("web"),
    after: [db, pulumi.output(cache), "network-online.target"],
    wants: pulumi.output([cache]),
    requires: pulumi.all([db, "queue"]),
  });
  await value(web.urn);
  const onDb = { unit: "systemd-nspawn@db.service", host: "web1:2222" };
  const onCache = { unit: "systemd-nspawn@cache.service", host: "web2:2222" };
  expect(registered.get("web")).toMatchObject({
    after: [onDb, onCache, "network-online.target"],
    wants: [onCache],
    requires: [onDb, "queue"],
  });
});

test("secrets are secret under their own key, and nothing else becomes secret", async () => {
  const machine = new nspawn.NspawnMachine("web", { rootfs: root("web"), secrets: { db: "hunter2" }, hostname: "www" });
  await value(machine.urn);
  const { secrets, ...others } = registered.get("web") ?? {};
  expect(JSON.stringify(others)).not.toContain("hunter2");
  // How a secret is passed to the engine.
  expect(secrets).toEqual({ "4dabf18193072939515e22adb298388d": expect.any(String), value: { db: "hunter2" } });
});
