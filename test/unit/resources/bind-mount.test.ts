import { effectOf, UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { directoryDrift } from "../../../provider/host/mounts/sources-inventory";
import { bindMountHandler } from "../../../provider/resources/bind-mount/bind-mount-handler";
import { bindMountInputs } from "../../../provider/resources/bind-mount/bind-mount-inputs";

const base = { host: { connection: { host: "web1" } }, source: "/srv/p", target: "/p" };
const checked = (more: object = {}) => check(bindMountHandler, {}, { ...base, ...more });
const refusals = (more: object) => checked(more).failures.map(({ reason }) => reason);

test("what check returned passes check unchanged", () => {
  const { inputs, failures } = checked({ source: "/srv//p/", create: { owner: "alice", group: 1000, mode: "750" } });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({
    source: "/srv/p",
    readOnly: false,
    ownership: "auto",
    create: { owner: "alice", group: 1000, mode: "0750", removeData: false },
  });
  expect(check(bindMountHandler, {}, inputs).inputs).toEqual(inputs);
});

test("every input has an effect: only what exists on the host is more than recorded", () => {
  const effects = Object.entries(bindMountHandler.inputs.shape).map(([key, schema]) => [
    key,
    effectOf(key, schema, undefined, {}),
  ]);
  expect(Object.fromEntries(effects)).toEqual({
    host: "state",
    credentials: "state",
    source: "replace",
    target: "state",
    readOnly: "state",
    recursive: "state",
    ownership: "state",
    exposeHost: "state",
    create: "live",
    adopt: "state",
    timeouts: "state",
  });
});

test("what only matters at the removal is only recorded", () => {
  const effect = (before: object, after: object) => effectOf("create", bindMountInputs.shape.create, before, after);
  expect(effect({ owner: 1, removeData: false }, { owner: 1, removeData: true })).toBe("state");
  expect(effect({ owner: 1, removeData: false }, { owner: 2, removeData: true })).toBe("live");
});

test.each([
  [
    { source: "/var/run/docker.sock" },
    /source: "\/var\/run\/docker\.sock" is in \/run, which gives control of the host.*exposeHost: true/,
  ],
  [
    { source: "/etc", exposeHost: true, create: { removeData: true } },
    /source: "\/etc" gives control of the host, so `create` neither creates nor changes it/,
  ],
  [{ source: "srv" }, /source: "srv" is not an absolute path/],
  [{ target: "/etc" }, /target: "\/etc" contains what the guest boots from/],
  [{ ownership: "map" }, /ownership: write one of auto, none, idmap, rootidmap, owneridmap/],
  [{ create: { owner: "Alice B" } }, /create\.owner: "Alice B" is not a user or group/],
  [{ create: { owner: 1.5 } }, /create\.owner: 1\.5 is not a user or group/],
  [{ create: { group: -1 } }, /create\.group: -1 is not a user or group/],
  [{ create: { mode: "rwx" } }, /create\.mode: "rwx" is not a mode/],
  [{ create: { owner: 2 ** 32 - 1 } }, /create\.owner: 4294967295 is not a user or group/],
  [{ create: { usr: 1 } }, /usr/],
])("%j is refused with its path", (more, message) => {
  expect(refusals(more).join("\n")).toMatch(message);
});

test("unknown values pass", () => {
  expect(refusals({ source: UNKNOWN, create: { owner: UNKNOWN } })).toEqual([]);
});

test("two resources of one program cannot make one directory, but can use it", () => {
  const use = (urn: string, create: object | undefined) => refusals({ source: "/srv/twice", create, __urn: urn });
  expect(use("urn:a", {})).toEqual([]);
  expect(use("urn:b", undefined)).toEqual([]);
  expect(use("urn:c", {}).join()).toMatch(/the directory "\/srv\/twice" on .*web1.* is already claimed by urn:a/);
});

test("a directory has drifted if its owner, group or mode differs, by number or name", () => {
  const found = {
    kind: "directory",
    mode: "755",
    owner: ["1000", "alice"],
    group: ["0", "root"],
    leadsTo: "",
  } as const;
  expect(directoryDrift({ owner: "alice", group: 0, mode: "0755" }, found)).toEqual({});
  expect(directoryDrift({ owner: 1000, group: "root", mode: "0755" }, found)).toEqual({});
  expect(directoryDrift({ owner: 0, group: "staff", mode: "2750" }, found)).toEqual({
    owner: "it belongs to alice (1000)",
    group: "its group is root (0)",
    mode: "it is 755",
  });
});
