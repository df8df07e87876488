import { UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";

const base = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
const parsed = (inputs: object) => machineInputs.parse({ ...base, ...inputs });
const reasons = (inputs: object) =>
  check(machineHandler, {}, { ...base, __urn: `urn:${base.name}`, ...inputs }).failures.map(({ reason }) => reason);

test("settings are in the .nspawn file, each in its section", () => {
  const { files } = machineFiles(
    parsed({
      settings: {
        Network: { MACVLAN: ["eth1"] },
        Exec: { Timezone: "copy", SystemCallFilter: ["@keyring", "bpf"], Parameters: ["systemd.log_level=debug"] },
        lines: { Exec: ["Brewing=yes"] },
      },
    }),
  );
  expect(files.restart.get("/etc/systemd/nspawn/web.nspawn")?.text).toMatchInlineSnapshot(`
"# Managed by pulumi-nspawn: \`pulumi refresh\` shows changes made here, \`pulumi up\` undoes them.

[Exec]
Boot=yes
Hostname=web
PrivateUsers=pick
Parameters=systemd.log_level=debug
SystemCallFilter=@keyring
SystemCallFilter=bpf
Timezone=copy
Brewing=yes

[Files]
PrivateUsersOwnership=auto

[Network]
VirtualEthernet=yes
MACVLAN=eth1
"
`);
});

test("the unit waits for an interface of the host at boot, which is looked for before anything is changed", () => {
  const settings = { Network: { Interface: ["eth1:lan0"], MACVLAN: ["eth1", "en-x"] } };
  const { files, preflight } = machineFiles(parsed({ settings }));
  const dropIn = files.restart.get("/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-service.conf");
  expect(dropIn?.text.split("\n").filter((line) => line.includes(".device"))).toEqual([
    "Wants=sys-subsystem-net-devices-eth1.device",
    "After=sys-subsystem-net-devices-eth1.device",
    "Wants=sys-subsystem-net-devices-en\\x2dx.device",
    "After=sys-subsystem-net-devices-en\\x2dx.device",
  ]);
  expect(preflight.map(({ body }) => body).join("\n")).toMatch(/ip link show dev eth1 .*\n.*ip link show dev en-x /);
  expect(machineFiles(parsed({ settings, running: false })).preflight).toEqual([]);
});

test("a machine that reports when it is ready has time to boot", () => {
  const { files } = machineFiles(parsed({ settings: { Exec: { NotifyReady: true } } }));
  expect([...files.restart.values()].map(({ text }) => text).join("")).toContain("TimeoutStartSec=10min");
});

test.each([
  [{ Exec: { NoNewPrivileges: true } }, {}, [["settings.Exec.NoNewPrivileges", 239]]],
  [{ Exec: { RestrictAddressFamilies: ["AF_INET", "AF_UNIX"] } }, {}, [["settings.Exec.RestrictAddressFamilies", 261]]],
  [{ Exec: { DropCapability: [] } }, {}, []],
  [
    { Network: { MACVLAN: ["eth1", "eth2:lan0"] } },
    {},
    [
      ["settings.Network.MACVLAN", 226],
      ['settings.Network.MACVLAN "eth2:lan0"', 254],
    ],
  ],
  [
    { Files: { BindUser: ["ops"] } },
    { privateUsers: false },
    [
      ["settings.Files.BindUser", 249],
      ["settings.Files.BindUser without `privateUsers`", 259],
    ],
  ],
  [
    { Files: { Volatile: "state" } },
    {},
    [
      ["settings.Files.Volatile", 226],
      ["settings.Files.Volatile with `privateUsers`", 257],
    ],
  ],
  [{ Files: { Volatile: "overlay" } }, {}, [["settings.Files.Volatile", 226]]],
])("%j with %j needs the systemd version that has it", (settings, inputs, needs) => {
  expect(machineFiles(parsed({ settings, ...inputs })).needs.map(({ what, systemd }) => [what, systemd])).toEqual(
    needs,
  );
});

test.each([
  [{ ephemeral: true, settings: { Exec: { LinkJournal: "host" } } }, /LinkJournal: .*write "try-host", or "no"/],
  [{ settings: { Exec: { OOMScoreAdjust: 100 } } }, /OOMScoreAdjust: .*set `privateUsers: false`/],
  [
    { settings: { Exec: { PivotRoot: "/new:/old" } } },
    /PivotRoot: .*set `privateUsers: false`, or give only the new root/,
  ],
  [{ settings: { Exec: { PrivateUsersDelegate: 2 } } }, /PrivateUsersDelegate: .*set `privateUsers: "managed"`/],
  [{ settings: { Files: { BindUserShell: true } } }, /BindUserShell: .*the users in BindUser/],
  [{ networks: ["host"], settings: { Network: { IPVLAN: ["eth1"] } } }, /IPVLAN: .*write \["none"\]/],
  [
    { privateUsers: false, settings: { Network: { NamespacePath: "/run/netns/x" } } },
    /NamespacePath: .*networks: \["none"\]/,
  ],
  [
    { networks: ["none"], settings: { Network: { NamespacePath: "/run/netns/x" } } },
    /NamespacePath: .*`privateUsers: false`/,
  ],
  [
    {
      networks: ["none"],
      privateUsers: false,
      settings: { Network: { NamespacePath: "/run/netns/x", Interface: ["eth1"] } },
    },
    /Interface: it cannot be combined with NamespacePath/,
  ],
  [
    { settings: { Exec: { Hostname: "www" } } },
    /^settings\.Exec\.Hostname: is not set here\. Use the input `hostname`\.$/,
  ],
])("a machine that would not start is refused in the preview: %j", (inputs, reason) => {
  expect(reasons(inputs)).toEqual([expect.stringMatching(reason)]);
});

test.each([
  { settings: { Exec: { OOMScoreAdjust: 0, PivotRoot: "/a\\:b", LinkJournal: "host" } } },
  { ephemeral: true, settings: { Exec: { LinkJournal: "try-host" } } },
  { networks: ["none"], privateUsers: false, settings: { Network: { NamespacePath: "/run/netns/x" } } },
  { networks: ["none"], settings: { Network: { IPVLAN: ["eth1"] } } },
  { settings: { Files: { BindUser: ["ops"], BindUserShell: "/bin/sh" } } },
  { privateUsers: "identity", settings: { Exec: { OOMScoreAdjust: 100, PivotRoot: "/new:/old" } } },
  { privateUsers: "managed", settings: { Exec: { PrivateUsersDelegate: 2 } } },
])("a machine that would start is not refused: %j", (inputs) => {
  expect(reasons(inputs)).toEqual([]);
});

test("an unknown value passes, and an error next to it is reported", () => {
  expect(reasons({ settings: { Exec: { MachineID: UNKNOWN } } })).toEqual([]);
  expect(reasons({ settings: { Exec: { MachineID: UNKNOWN, KillSignal: "SIGCOFFEE" } } })).toEqual([
    expect.stringMatching(/^settings\.Exec\.KillSignal: "SIGCOFFEE" is not a signal/),
  ]);
});

test("an adopted machine loses the keys that the program writes, and keeps the others", () => {
  const text = [
    "[Exec]\nBoot=yes\nSystemCallFilter=bpf\nDropCapability=CAP_KILL\nKillSignal=SIGTERM",
    "[Network]\nVirtualEthernet=yes\n",
  ].join("\n");
  const adopted = { text, running: true, autostart: true, given: ["settings"] };
  const settings = { Exec: { SystemCallFilter: ["@keyring"], DropCapability: [] } };
  const file = machineFiles(parsed({ adopted, settings })).files.restart.get("/etc/systemd/nspawn/web.nspawn")?.text;
  expect(file).toContain("SystemCallFilter=@keyring");
  expect(file).toContain("KillSignal=SIGTERM");
  expect(file).not.toMatch(/bpf|CAP_KILL/);
});
