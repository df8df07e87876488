import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
const files = (inputs: object) => {
  const { restart, live } = machineFiles(machineInputs.parse({ ...base, ...inputs })).files;
  return Object.fromEntries([...restart, ...live].map(([path, { text }]) => [path, text]));
};

test("a machine with nothing but a root gets a private link and its own user IDs", () => {
  expect(files({})["/etc/systemd/nspawn/web.nspawn"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Exec]
Boot=yes
Hostname=web
Timezone=off
PrivateUsers=pick

[Files]
PrivateUsersOwnership=auto

[Network]
VirtualEthernet=yes
"
`);
});

test("every limit is a property of the unit", () => {
  const limits = {
    memory: "2GiB",
    memoryHigh: "1536MiB",
    swap: "none",
    cpus: 1.5,
    cpuWeight: 200,
    tasks: 512,
    io: { weight: 50, readBytesPerSecond: { "/dev/sda": "10MiB" }, writeOperationsPerSecond: { "/dev/sda": 100 } },
  };
  expect(
    files({ limits })["/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-limits.conf"],
  ).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn.

[Service]
MemoryMax=2147483648
MemoryHigh=1610612736
MemorySwapMax=0
CPUQuota=150%
CPUWeight=200
TasksMax=512
IOWeight=50
IOReadBandwidthMax=/dev/sda 10485760
IOWriteIOPSMax=/dev/sda 100
"
`);
});

test("an ephemeral machine with another name gets the path of its root", () => {
  const text = files({ name: "ci-1", rootName: "ci", ephemeral: true });
  expect(
    text["/etc/systemd/system/systemd-nspawn@ci-1.service.d/90-pulumi-nspawn-service.conf"],
  ).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn.

[Service]
TimeoutStartSec=10min
ExecStopPost=
ExecStart=
ExecStart=systemd-nspawn --quiet --keep-unit --boot --link-journal=try-guest --network-veth -U --settings=override --machine=%i --ephemeral --directory=/var/lib/machines/ci
"
`);
  // A file of a live change: a machine of an earlier version does not restart because of it.
  expect(text["/etc/systemd/system/systemd-nspawn@ci-1.service.d/90-pulumi-nspawn-leases.conf"]).toMatch(
    /^ExecStartPre=-\/bin\/sh -c "if cd .*ve-ci-1; do .*"$/m,
  );
  const { live } = machineFiles(machineInputs.parse({ ...base, ephemeral: true })).files;
  expect([...live.keys()]).toEqual(["/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-leases.conf"]);
});

test("networks, environment and host name are written in systemd's own quoting", () => {
  const text = files({
    networks: ["host"],
    environment: { GREETING: `it's "fine"` },
    hostname: "www",
    privateUsers: false,
  });
  expect(text["/etc/systemd/nspawn/web.nspawn"]).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Exec]
Boot=yes
Hostname=www
Environment="GREETING=it's "'"'"fine"'"'
Timezone=off
PrivateUsers=no

[Network]
Private=no
VirtualEthernet=no
"
`);
  expect(files({ networks: ["none"] })["/etc/systemd/nspawn/web.nspawn"]).toContain("Private=yes\nVirtualEthernet=no");
});

test("there is no file for inputs that are not given", () => {
  expect(Object.keys(files({}))).toEqual(["/etc/systemd/nspawn/web.nspawn"]);
});

test.each([
  [{ limits: { memory: "2GB" } }, /2GB.* is not a size/],
  [{ hostname: "under_score" }, /is not a host name/],
  [{ environment: { "A B": "c" } }, /is not the name of an environment variable/],
  [{ environment: { A: "c\nd" } }, /contains a line break/],
  [{ limits: { io: { readBytesPerSecond: { "sda; rm": "1M" } } } }, /is not a device/],
])("bad input is refused before anything is written: %j", (inputs, message) => {
  expect(() => machineInputs.parse({ ...base, ...inputs })).toThrow(message);
});
