import { UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { dropInLines, machine, nspawnLines } from "./support/machine";

test("a device is bound into the machine, and allowed in its unit", () => {
  const devices = ["/dev/kvm", { path: "/dev/serial/by-path/pci-0000:00:14.0-usb", access: "rwm" }];
  expect(nspawnLines({ devices })).toEqual(
    expect.arrayContaining(["Bind=/dev/kvm", "Bind=/dev/serial/by-path/pci-0000\\:00\\:14.0-usb"]),
  );
  expect(dropInLines("service", { devices })).toEqual([
    "# Managed by pulumi-nspawn.",
    "[Service]",
    "DeviceAllow=/dev/kvm rw",
    "DeviceAllow=/dev/serial/by-path/pci-0000:00:14.0-usb rwm",
  ]);
});

test("a device as text and the same device in full are equal", () => {
  expect(machine({ devices: ["/dev/kvm"] }).devices).toEqual(machine({ devices: [{ path: "/dev//kvm" }] }).devices);
});

test("with the host's user IDs the permissions of a node do not matter", () => {
  const checks = (privateUsers: unknown) =>
    machineFiles(machine({ devices: ["/dev/kvm"], privateUsers }))
      .preflight.map(({ text }) => /^device_present .*$/m.exec(text)?.[0])
      .filter((line) => line !== undefined);
  expect(checks(true)).toEqual(["device_present /dev/kvm rw"]);
  expect(checks("1342177280")).toEqual(["device_present /dev/kvm rw"]);
  expect(checks(false)).toEqual(["device_present /dev/kvm none"]);
  expect(checks("identity")).toEqual(["device_present /dev/kvm none"]);
});

test.each([
  [true, ["PrivateUsers=pick", "PrivateUsersOwnership=auto"], []],
  [false, ["PrivateUsers=no"], []],
  ["identity", ["PrivateUsers=identity"], [{ what: 'privateUsers: "identity"', systemd: 252 }]],
  [
    "managed",
    ["PrivateUsers=managed", "PrivateUsersOwnership=auto"],
    [{ what: 'privateUsers: "managed"', systemd: 262 }],
  ],
  ["1342177280", ["PrivateUsers=1342177280", "PrivateUsersOwnership=auto"], []],
  ["1342177280:131072", ["PrivateUsers=1342177280:131072", "PrivateUsersOwnership=auto"], []],
])("privateUsers: %j is written in systemd's terms", (privateUsers, lines, needs) => {
  expect(nspawnLines({ privateUsers }).filter((line) => line.startsWith("PrivateUsers"))).toEqual(lines);
  expect(machineFiles(machine({ privateUsers })).needs).toEqual(needs);
});

test("capabilities are added, each on its own line", () => {
  const capabilities = ["CAP_SYS_NICE", "all"];
  expect(nspawnLines({ capabilities })).toEqual(expect.arrayContaining(["Capability=CAP_SYS_NICE", "Capability=all"]));
});

test("nesting allows the system calls of container runtimes", () => {
  expect(nspawnLines({ nesting: true })).toContain("SystemCallFilter=@keyring bpf");
  expect(nspawnLines({ nesting: true })).toContain("PrivateUsers=pick");
  expect(nspawnLines({})).not.toContain("SystemCallFilter=@keyring bpf");
});

test("the cost of nesting is stated when it is switched on, and not again", () => {
  const warnings = (inputs: object, olds = {}) => machineHandler.warnings?.({ ...inputs }, olds);
  expect(warnings({ nesting: true, privateUsers: true })).toEqual([
    expect.stringMatching(/bpf\(2\).*Podman and Docker/),
  ]);
  expect(warnings({ nesting: true, privateUsers: false })).toEqual([
    expect.stringMatching(/root inside is root on the host/),
  ]);
  const before = { nesting: true, privateUsers: true };
  expect(warnings(before, before)).toEqual([]);
  expect(warnings({ nesting: true, privateUsers: false }, before)).toHaveLength(1);
  expect(warnings({ nesting: false })).toEqual([]);
  expect(warnings({ nesting: UNKNOWN, privateUsers: UNKNOWN })).toEqual([]);
});

test.each([
  [{ devices: ["kvm"] }, /devices\.0\.path: "kvm" is not an absolute path/],
  [
    { devices: ["/etc/shadow"] },
    /devices\.0\.path: "\/etc\/shadow" is not a device: write its node in \/dev, as in "\/dev\/kvm"/,
  ],
  [{ devices: ["/dev/../etc/shadow"] }, /has "\." or "\.\." in it/],
  [{ devices: ["/dev/kvm", "/dev/kvm"] }, /devices\.1: "\/dev\/kvm" is in the list twice/],
  [{ devices: [{ path: "/dev/kvm", access: "x" }] }, /devices\.0\.access: write one of r, w, rw, rm, wm, rwm/],
  [{ capabilities: ["CAP_NET_ADMN"] }, /"CAP_NET_ADMN" is not a capability: see capabilities\(7\) for the list/],
  [{ capabilities: ["net_admin"] }, /"net_admin" is not a capability: write "CAP_NET_ADMIN"/],
  [{ privateUsers: "0" }, /privateUsers: "0" is not understood: write true, false, "identity"/],
  [{ privateUsers: "yes" }, /"yes" is not understood/],
  [{ privateUsers: "1342177281" }, /"1342177281" does not start at a multiple of 65536/],
  [{ privateUsers: "1342177280:1000" }, /"1342177280:1000" has fewer than the 65536 user IDs/],
  [{ privateUsers: "4294901760" }, /"4294901760" goes beyond the last user ID/],
  [{ privateUsers: 1 }, /privateUsers: 1 is not understood/],
  [{ nesting: "yes" }, /nesting is true or false/],
])("bad input is refused in the preview: %j", (inputs, message) => {
  const news = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
  const { failures } = check(machineHandler, {}, { ...news, ...inputs });
  expect(failures.map(({ reason }) => reason).join("\n")).toMatch(message);
});

test("unknown values pass", () => {
  const news = { devices: ["/dev/kvm", UNKNOWN], privateUsers: UNKNOWN, capabilities: [UNKNOWN], nesting: UNKNOWN };
  expect(
    check(machineHandler, {}, { ...news, name: "web", rootName: "web", rootfs: "web@1", host: UNKNOWN }).failures,
  ).toEqual([]);
});
