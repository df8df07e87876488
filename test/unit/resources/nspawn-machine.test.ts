import { effectOf, UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { hostInputs } from "../../../provider/resources/on-host";

const news = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };

test("the unit is known in a preview, and unknown if the name is", () => {
  expect(check(machineHandler, {}, news).inputs.unit).toBe("systemd-nspawn@web.service");
  expect(check(machineHandler, {}, { ...news, name: UNKNOWN, rootName: UNKNOWN }).inputs.unit).toBe(UNKNOWN);
});

test("what check returned passes check unchanged", () => {
  const { unit: _unit, ...once } = check(machineHandler, {}, { ...news, limits: { memory: 2 ** 31, cpus: 2 } }).inputs;
  expect(once).toMatchObject({ limits: { memory: "2GiB" }, running: true, waitFor: "networked", credentials: {} });
  expect(check(machineHandler, {}, once).inputs).toMatchObject(once);
});

test("every input has an effect", () => {
  const effects = Object.entries(machineHandler.inputs.shape).map(([key, schema]) => [
    key,
    effectOf(key, schema, undefined, ["none"]),
  ]);
  expect(Object.fromEntries(effects)).toEqual({
    host: "state",
    credentials: "state",
    name: "replace",
    rootName: "replace",
    rootfs: "restart",
    networks: "restart",
    mounts: "restart",
    settings: "restart",
    running: "live",
    autostart: "live",
    ephemeral: "restart",
    hostname: "restart",
    environment: "restart",
    limits: "live",
    privateUsers: "restart",
    devices: "restart",
    secrets: "restart",
    capabilities: "restart",
    nesting: "restart",
    restart: "live",
    watchdog: "restart",
    after: "live",
    wants: "live",
    requires: "live",
    waitFor: "state",
    timeouts: "state",
    adopt: "state",
    adopted: "restart",
  });
});

test("another instance of the host replaces what is on it, but another address does not", () => {
  const host = (instance: string, address: string) => ({ connection: { host: address }, instance });
  expect(effectOf("host", hostInputs.host, host("a", "web1"), host("b", "web1"))).toBe("replace");
  expect(effectOf("host", hostInputs.host, host("a", "web1"), host("a", "web2"))).toBe("state");
});
