import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";
import { check } from "../../../provider/dynamic/check";
import * as resources from "../../../provider/resources/all";

/** What was registered, with what its check refuses. */
const refused: string[] = [];
/** Errors that nobody awaited: what a function throws that resolves an Output. */
const thrown: unknown[] = [];
const note = (error: unknown) => thrown.push(error);

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
const results = { "sshd host key": { status: 0, output: `${key}\n` } };

beforeAll(async () => {
  process.on("unhandledRejection", note);
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      const found = Object.values(resources).find(({ handler }) => type.endsWith(`:${handler.kind}`));
      const { __provider: _provider, ...news } = inputs;
      if (found === undefined) return { id: name, state: news };
      const checked = checkedAs(found.handler, news);
      return { id: `${name}@1`, state: { ...news, ...checked, results } };
    },
    call: ({ inputs }) => inputs,
  });
});

afterAll(() => {
  process.off("unhandledRejection", note);
});

beforeEach(() => {
  refused.length = 0;
  thrown.length = 0;
});

function checkedAs(handler: (typeof resources)[keyof typeof resources]["handler"], news: Record<string, unknown>) {
  const own: Record<string, unknown> = { ...news, __preview: true };
  const result = checkAny(handler, own);
  refused.push(...result.failures.map(({ reason }) => `${handler.kind} ${reason}`));
  return result.inputs;
}

function checkAny(handler: object, news: Record<string, unknown>) {
  const kind = Object.values(resources).find((one) => one.handler === handler);
  switch (kind) {
    case resources.Host:
      return check(resources.Host.handler, {}, news);
    case resources.DebianRootfs:
      return check(resources.DebianRootfs.handler, {}, news);
    case resources.VethNetwork:
      return check(resources.VethNetwork.handler, {}, news);
    case resources.BridgeAttachment:
      return check(resources.BridgeAttachment.handler, {}, news);
    case resources.BindMount:
      return check(resources.BindMount.handler, {}, news);
    case resources.NspawnMachine:
      return check(resources.NspawnMachine.handler, {}, news);
    default:
      return check(resources.Provision.handler, {}, news);
  }
}

/** The constructors, for arguments that the compiler refuses: programs in JavaScript, and values from elsewhere. */
const make: Record<string, (args: object) => unknown> = {
  Host: (args) => Reflect.construct(nspawn.Host, ["x", args]),
  DebianRootfs: (args) => Reflect.construct(nspawn.DebianRootfs, ["x", { host, ...args }]),
  VethNetwork: (args) => Reflect.construct(nspawn.VethNetwork, ["x", { host, subnet: "10.42.1.0/24", ...args }]),
  "attach()": (args) => new nspawn.VethNetwork("net", { host, subnet: "10.42.1.0/24" }).attach(args),
  BridgeAttachment: (args) => Reflect.construct(nspawn.BridgeAttachment, ["x", { host, bridge: "br0", ...args }]),
  "attach() of a bridge": (args) => new nspawn.BridgeAttachment("net", { host, bridge: "br0" }).attach(args),
  BindMount: (args) => Reflect.construct(nspawn.BindMount, ["x", { host, source: "/srv/a", target: "/a", ...args }]),
  NspawnMachine: (args) => Reflect.construct(nspawn.NspawnMachine, ["x", { rootfs, ...args }]),
  Provision: (args) => Reflect.construct(nspawn.Provision, ["x", { machine, ...args }]),
  DevBox: (args) => Reflect.construct(nspawn.DevBox, ["x", { host, user: { name: "al" }, ...args }]),
};

const host = { connection: { host: "web1" } };
const rootfs = { id: "x@1", name: "x", host };
const machine = { id: "x@1", name: "x", rootfs: "x@1", host };

const wrong: [kind: string, args: Record<string, unknown>, message: RegExp][] = [
  ["Host", {}, /connection: .*missing|connection: /],
  ["Host", { connection: "http://web1" }, /connection: "http:\/\/web1" is not a host: write ssh:\/\/user@host:port/],
  [
    "Host",
    { connection: "ssh://ops:sesame@web1" },
    /connection: .*contains a password: put it into `password` of `credentials`/,
  ],
  ["Host", { connection: "" }, /connection\.host: a host cannot be empty/],
  ["Host", { connection: 7 }, /connection: it is a number: write an object/],
  ["Host", { connection: ["web1"] }, /connection: it is a list: write an object/],
  [
    "Host",
    { connection: { host: "web1", usr: "ops" } },
    /connection: there is no key "usr" here \(did you mean "user"\?\)/,
  ],
  [
    "Host",
    { connection: { host: "web1", dial: { retrys: 1 } } },
    /connection\.dial: there is no key "retrys" here \(did you mean "retries"\?\)/,
  ],
  ["Host", { connection: "web1", instal: true }, /"instal" is not an input of Host \(did you mean "install"\?\)/],
  ["Host", { connection: "web1", parallel: "4" }, /parallel: it is text: write a/],
  [
    "Host",
    { connection: "web1", timeouts: { creat: 5 } },
    /timeouts: there is no key "creat" here \(did you mean "create"\?\)/,
  ],
  ["DebianRootfs", { host: undefined }, /host: give a Host, its ref, a connection/],
  ["DebianRootfs", { host: "http://web1" }, /host\.connection: "http:\/\/web1" is not a host/],
  ["DebianRootfs", { host: ["web1"] }, /host\.connection: it is a list/],
  ["DebianRootfs", { host: 5 }, /host\.connection: it is a number/],
  ["DebianRootfs", { name: "a b" }, /name: "a b" is not a machine name/],
  ["DebianRootfs", { suite: "bookwurm" }, /suite: "bookwurm" is not a Debian release/],
  ["DebianRootfs", { packages: "nginx" }, /packages: it is text: write a list/],
  ["DebianRootfs", { package: ["nginx"] }, /"package" is not an input of DebianRootfs \(did you mean "packages"\?\)/],
  [
    "DebianRootfs",
    { files: [{ path: "/a", contents: "x" }] },
    /files\.0: there is no key "contents" here \(did you mean "content"\?\)/,
  ],
  ["VethNetwork", { subnet: "10.42.1.7/24" }, /subnet: "10\.42\.1\.7\/24" is an address inside a subnet/],
  ["VethNetwork", { subnet: undefined }, /subnet: a subnet is text/],
  ["VethNetwork", { name: "Dev" }, /name: "Dev" is not the name of a network/],
  [
    "VethNetwork",
    { isolation: { machine: true } },
    /isolation: there is no key "machine" here \(did you mean "machines"\?\)/,
  ],
  ["VethNetwork", { dns: "9.9.9.9" }, /dns: write "host", "stub", or a list/],
  ["attach()", { address: "10.42.1.1" }, /address: "10\.42\.1\.1" is the gateway/],
  ["attach()", { address: "10.99.0.5" }, /address: "10\.99\.0\.5" is not in the subnet/],
  ["attach()", { address: "nowhere" }, /address: "nowhere" is not an IPv4 address/],
  ["attach()", { ports: "8080:80" }, /ports: write a list of ports, as in \["8080:80"\]/],
  ["attach()", { ports: ["8080"] }, /ports\.0: "8080" is not a port/],
  ["attach()", { ports: [{ host: 8080 }] }, /ports\.0: a port is text as in/],
  ["attach()", { ports: ["8080:80", "8080:81"] }, /ports: "8080:80\/tcp" and "8080:81\/tcp" use the same port/],
  ["attach()", { port: ["8080:80"] }, /"port" is not an input of attach\(\) \(did you mean "ports"\?\)/],
  ["BridgeAttachment", { bridge: "" }, /bridge: /],
  ["BridgeAttachment", { create: true }, /create: it is true: write an object/],
  ["attach() of a bridge", { address: "192.168.1.0/24" }, /address: .*network's own address|address: write "dhcp"/],
  ["attach() of a bridge", { vlan: 5000 }, /vlan: VLANs are 1 to 4094/],
  ["BindMount", { source: "srv" }, /source: "srv" is not an absolute path/],
  ["BindMount", { source: undefined }, /source: a path is text/],
  ["BindMount", { create: "yes" }, /create: write true, or an object of owner, group, mode and removeData/],
  ["BindMount", { readonly: true }, /"readonly" is not an input of BindMount \(did you mean "readOnly"\?\)/],
  ["NspawnMachine", { rootfs: "x" }, /rootfs: this is not a DebianRootfs or its ref/],
  ["NspawnMachine", { rootfs: undefined }, /rootfs: this is not a DebianRootfs or its ref/],
  ["NspawnMachine", { limits: { cpu: 2 } }, /limits: there is no key "cpu" here \(did you mean "cpus"\?\)/],
  ["NspawnMachine", { limits: { memory: "2GB" } }, /limits\.memory: "2GB" is not a size/],
  ["NspawnMachine", { limits: { swap: "2GB" } }, /limits\.swap: "2GB" is not a size/],
  ["NspawnMachine", { networks: "host" }, /networks: write a list/],
  ["NspawnMachine", { networks: ["hots"] }, /networks\.0: is not a network/],
  ["NspawnMachine", { mounts: { tmpfs: "/t" } }, /mounts: write a list/],
  [
    "NspawnMachine",
    { mounts: [{ tmpfs: "/t", siez: "1M" }] },
    /mounts\.0: there is no key "siez" here \(did you mean "size"\?\)/,
  ],
  ["NspawnMachine", { after: "web" }, /after: write a list/],
  ["NspawnMachine", { name: "a b" }, /name: "a b" is not a machine name/],
  ["NspawnMachine", { settings: { Exec: { Hostnam: "a" } } }, /settings\.Exec: .*"Hostnam".*did you mean "Hostname"/],
  ["NspawnMachine", { running: "yes" }, /running: it is text: write true or false/],
  ["Provision", { machine: "x" }, /machine: this is not an NspawnMachine or its ref/],
  [
    "Provision",
    { users: [{ nmae: "al" }] },
    /users\.0\.name: .*; users\.0: there is no key "nmae" here \(did you mean "name"\?\)/,
  ],
  ["Provision", { steps: [{ name: "a" }] }, /steps\.0\.run: /],
  ["DevBox", { user: undefined }, /user: it is missing: write an object/],
  ["DevBox", { user: "al" }, /user: it is text: write an object/],
  ["DevBox", { user: { name: "al", id: 5 } }, /user: there is no key "id" here \(did you mean "uid"\?\)/],
  ["DevBox", { host: undefined }, /host: it is missing/],
  ["DevBox", { name: 5 }, /name: /],
  ["DevBox", { packages: "jq" }, /packages: it is text: write a list/],
  ["DevBox", { ports: ["80"] }, /ports\.0: "80" is not a port/],
  ["DevBox", { ports: "8080:80" }, /ports: write a list of ports/],
  ["DevBox", { environment: { A: "#" } }, /environment: the value of A is not allowed/],
  ["DevBox", { aptSources: [{ name: "x" }] }, /aptSources\.0\.url: /],
  [
    "DevBox",
    { hooks: { postCreat: "make" } },
    /hooks: there is no key "postCreat" here \(did you mean "postCreate"\?\)/,
  ],
  ["DevBox", { limits: { cpu: 2 } }, /limits: there is no key "cpu" here \(did you mean "cpus"\?\)/],
  ["DevBox", { repository: [] }, /"repository" is not an input of a DevBox \(did you mean "repositories"\?\)/],
  ["DevBox", { secrets: "x" }, /secrets: it is text: write an object/],
  ["DevBox", { mounts: "x" }, /mounts: it is text: write a list/],
];

test.each(wrong)("%s refuses %j in its constructor, in one line", (kind, args, message) => {
  const attempt = () => make[kind]?.(args);
  expect(attempt).toThrow(message);
  // Pulumi shows these without a stack trace.
  expect(attempt).toThrow(pulumi.RunError);
  expect(attempt).not.toThrow(/\n|04da6b54|sesame/);
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

/** A single port is a list of one once it is known. */
const later = wrong.filter(
  ([kind, args]) =>
    Object.values(args).length > 0 &&
    Object.values(args).every((value) => value !== undefined) &&
    !(kind === "attach()" && typeof args.ports === "string"),
);

test.each(later)("%s leaves %j to the check if it is an Output, and throws nowhere", async (kind, args, _message) => {
  const outputs = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, pulumi.output(value)]));
  const misspelled = Object.keys(args).some((key) => /^(instal|package|port|readonly|repository)$/.test(key));
  if (misspelled) return expect(() => make[kind]?.(outputs)).toThrow(/did you mean/);
  const made = make[kind]?.(outputs);
  if (kind.startsWith("attach()")) {
    Reflect.construct(nspawn.NspawnMachine, ["x", { rootfs, networks: pulumi.output([made]) }]);
  }
  await settled();
  expect(thrown).toEqual([]);
  expect(refused).not.toEqual([]);
});

test("what is implausible is a warning, and no refusal", () => {
  const warnings = (one: (typeof resources)["VethNetwork" | "NspawnMachine"], inputs: Record<string, unknown>) =>
    one.handler.warnings?.(inputs, {}) ?? [];
  const subnet = (text: string) => warnings(resources.VethNetwork, { subnet: text });
  expect(subnet("8.8.8.0/24")).toEqual([
    expect.stringMatching(/^8\.8\.8\.0\/24 is not a private subnet \(RFC 1918, RFC 6598\)/),
  ]);
  expect(subnet("172.0.0.0/8")).toHaveLength(1);
  for (const text of [
    "10.42.1.0/24",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  ])
    expect(subnet(text)).toEqual([]);
  const limits = (value: unknown) => warnings(resources.NspawnMachine, { limits: value });
  expect(limits({ memory: 2 })).toEqual([
    expect.stringMatching(/^limits\.memory is 2 bytes, and no machine boots with less than 16 MiB/),
  ]);
  expect(limits({ memoryHigh: "1MiB", memory: "1GiB" })).toEqual([
    expect.stringMatching(/^limits\.memoryHigh is 1048576 bytes/),
  ]);
  for (const value of [undefined, {}, { memory: "16MiB" }, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"])
    expect(limits(value)).toEqual([]);
});

test("a BindMount with create: true creates a directory with the defaults", () => {
  const inputs = { host, source: "/srv/a", target: "/a" };
  const created = (create: unknown) => check(resources.BindMount.handler, {}, { ...inputs, create });
  expect(created(true).inputs.create).toEqual(created({}).inputs.create);
  expect(created(true).failures).toEqual([]);
  expect(created(false).inputs).not.toHaveProperty("create");
});

test("a DevBox takes ports as texts, and lists each port of a range", async () => {
  const box = new nspawn.DevBox("texts", {
    host,
    user: { name: "al" },
    ports: ["8080:80", "9000-9001:90-91/udp", { host: 1, guest: 2, label: "one" }],
  });
  expect(await new Promise((resolve) => box.ports.apply(resolve))).toEqual([
    { host: 8080, guest: 80, protocol: "tcp" },
    { host: 9000, guest: 90, protocol: "udp" },
    { host: 9001, guest: 91, protocol: "udp" },
    { host: 1, guest: 2, protocol: "tcp", label: "one" },
  ]);
});
