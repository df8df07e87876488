import { connectionTo } from "../support/connection";
import { type TestHost, up } from "../support/hosts";
import { type Bag, ProviderProcess } from "../support/provider-process";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const urn = "urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:Host::web1";

let provider: ProviderProcess;
let full: TestHost;
let bare: TestHost;

beforeAll(async () => {
  full = await up({ name: "process-full", suite: "trixie" });
  bare = await up({ name: "process-bare", suite: "trixie", bare: true });
  provider = await ProviderProcess.start();
});

afterAll(async () => {
  await provider.stop();
  await full.down();
  await bare.down();
});

async function checked(connection: object, more: Bag = {}): Promise<Bag> {
  const { inputs, failures } = await provider.check(
    "Host",
    {},
    { connection: { ...connection }, __urn: urn, _v: 1, ...more },
  );
  expect(failures).toEqual([]);
  return inputs;
}

test("check passes unknown values, and returns defaults and the reference", async () => {
  const inputs = await checked({ host: UNKNOWN });
  expect(inputs).toMatchObject({ install: false, onUnreachable: "fail", ref: { connection: { host: UNKNOWN } } });
});

test("check refuses a secret in the connection without repeating it", async () => {
  const news = { connection: { host: "web1", password: "hunter2" }, __urn: urn };
  const { failures } = await provider.check("Host", {}, news);
  expect(failures.join()).toMatch(/connection.*credentials/s);
  expect(failures.join()).not.toContain("hunter2");
});

test("create returns what the host is", async () => {
  const created = await provider.create("Host", await checked(connectionTo(full, "ops")));
  expect(created.properties).toMatchObject({
    os: { id: "debian", codename: "trixie" },
    systemdVersion: 257,
    cgroups: "unified",
    machineId: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  const refreshed = await provider.read("Host", created.id, created.properties);
  expect(refreshed.properties).toEqual(created.properties);
});

test("a changed address, credentials or policy is recorded without a connection", async () => {
  const state = await checked(connectionTo(full));
  const { id, properties } = await provider.create("Host", state);
  const news = await checked({ host: "192.0.2.1" }, { onUnreachable: "skip", credentials: { password: "x" } });
  expect(await provider.diff("Host", id, properties, news)).toEqual({ changes: true, replaces: [] });
  const updated = await provider.update("Host", id, properties, news);
  expect(updated).toMatchObject({
    connection: { host: "192.0.2.1" },
    onUnreachable: "skip",
    machineId: properties.machineId ?? "",
  });
});

test("another instance replaces the host, and an unknown instance does not yet", async () => {
  const state = { ...(await checked(connectionTo(full), { instance: "vm-1" })) };
  expect(await provider.diff("Host", "x", state, { ...state, instance: "vm-2" })).toMatchObject({
    replaces: ["instance"],
  });
  expect(await provider.diff("Host", "x", state, { ...state, instance: UNKNOWN })).toEqual({
    changes: true,
    replaces: [],
  });
});

test("a host without systemd-container is refused with the command that fixes it", async () => {
  await expect(provider.create("Host", await checked(connectionTo(bare)))).rejects.toThrow(
    /systemd-container.*not installed.*`install: true`.*sudo apt-get install --no-install-recommends .*systemd-container/s,
  );
});

test("install adds what is missing, once", async () => {
  const news = await checked(connectionTo(bare, "ops"), { install: true });
  const { id, properties } = await provider.create("Host", news);
  expect(await bare.sh("dpkg-query -W -f '${db:Status-Status}' systemd-container")).toBe("installed");
  expect(provider.messages.some((message) => message.urn === urn && message.text.includes("systemd-container"))).toBe(
    true,
  );
  const before = await bare.sh("stat -c %Y /var/lib/dpkg/status");
  await provider.update("Host", id, properties, news);
  expect(await bare.sh("stat -c %Y /var/lib/dpkg/status")).toBe(before);
});

test("a directory of roots that users of the host can enter is reported, and closed by install", async () => {
  const mode = () => bare.sh("stat -c '%u %a' /var/lib/machines");
  const warned = () => provider.messages.filter(({ text }) => text.includes("can enter /var/lib/machines")).length;
  await bare.sh("chmod 755 /var/lib/machines");
  const news = await checked(connectionTo(bare));
  const { id, properties } = await provider.create("Host", news);
  expect([await mode(), warned()]).toEqual(["0 755\n", 1]);
  const prepared = await checked(connectionTo(bare), { install: true });
  const updated = await provider.update("Host", id, properties, prepared);
  expect([await mode(), warned()]).toEqual(["0 700\n", 1]);
  await bare.sh("chmod 755 /var/lib/machines");
  const seen = await provider.read("Host", id, { ...properties, ...updated });
  expect(seen.properties.drift).toEqual({ "/var/lib/machines": "-0 700 (owner and mode)\n+0 755" });
});

test("another machine at the same address is refused with what to do", async () => {
  const news = await checked(connectionTo(full));
  const { id, properties } = await provider.create("Host", news);
  const moved = { ...properties, machineId: "0".repeat(32), install: true };
  await expect(provider.update("Host", id, moved, news)).rejects.toThrow(/another machine answers.*`instance`/s);
});

test("the user's own ssh reaches a host, through sudo", async () => {
  const news = await checked({ ...connectionTo(full, "ops"), client: "openssh" });
  const { id, properties } = await provider.create("Host", news);
  expect(properties).toMatchObject({ cgroups: "unified", os: { codename: "trixie" } });
  expect((await provider.read("Host", id, properties)).id).toBe(id);
});

test("a user without sudo rights is refused with an error about sudo", async () => {
  await expect(provider.create("Host", await checked(connectionTo(full, "nosudo")))).rejects.toThrow(/sudo/);
});

test("a host that does not answer is an error, or by policy the last known state with a warning", async () => {
  const news = await checked(connectionTo(full));
  const { id, properties } = await provider.create("Host", news);
  const gone = {
    ...properties,
    connection: { host: "127.0.0.1", port: 9, user: "root", dial: { retries: 0, timeoutSeconds: 2 } },
  };
  await expect(provider.read("Host", id, gone)).rejects.toThrow(/could not take the inventory on root@127\.0\.0\.1:9/);
  const kept = await provider.read("Host", id, { ...gone, onUnreachable: "skip" });
  expect(kept.id).toBe(id);
  expect(provider.messages.some((message) => message.text.includes("last known state is kept"))).toBe(true);
});
