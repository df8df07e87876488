import { parseUnits, settingDrift } from "../../../provider/systemd/unit-properties";

/** What `systemctl show` of systemd 257 prints of two units. */
const SHOWN = `Restart=on-failure
RestartUSec=1.500000s
TimeoutStartUSec=10min
WatchdogUSec=1min 30.500000s
ExecStart={ path=systemd-nspawn ; argv[]=systemd-nspawn --machine=x --load-credential=a b:/etc/x ; ignore_errors=no ; start_time=[n/a] ; pid=0 }
CPUQuotaPerSecUSec=200ms
IOWeight=[not set]
IOReadBandwidthMax=/dev/sda 1048576
IOReadBandwidthMax=/dev/sdb 1
MemoryMax=116391936
DeviceAllow=/dev/kvm rw
DeviceAllow=/dev/a b r
Id=systemd-nspawn@x.service
ActiveState=active

WatchdogUSec=infinity
CPUQuotaPerSecUSec=1.500000s
MemoryMax=infinity
RestartUSec=infinity
Id=systemd-nspawn@y.service
ActiveState=inactive
`;
const units = parseUnits(SHOWN);
const driftOf = (unit: "x" | "y", key: string, ...values: string[]) =>
  settingDrift(key, values, units.get(`systemd-nspawn@${unit}.service`) ?? new Map());

test.each([
  ["x", "MemoryMax", ["116391936"]],
  ["x", "CPUQuota", ["20%"]],
  ["y", "CPUQuota", ["150%"]],
  ["x", "Restart", ["on-failure"]],
  ["x", "RestartSec", ["1500ms"]],
  ["y", "RestartSec", ["0ms"]],
  ["x", "TimeoutStartSec", ["10min"]],
  ["x", "WatchdogSec", ["90500ms"]],
  ["x", "DeviceAllow", ["/dev/kvm rw", '"/dev/a b" r']],
  ["x", "DeviceAllow", ["/dev/kvm rw"]],
  ["x", "IOReadBandwidthMax", ["/dev/sdb 1", "/dev/sda 1048576"]],
  ["x", "ExecStart", ['systemd-nspawn --machine=x "--load-credential=a b:/etc/x"']],
] as const)("unit %s has %s as %j", (unit, key, values) => {
  expect(driftOf(unit, key, ...values)).toBeUndefined();
});

test.each([
  ["x", "MemoryMax", ["1"], ["1"], ["116391936"]],
  ["y", "MemoryMax", ["1"], ["1"], ["infinity"]],
  ["x", "CPUQuota", ["150%"], ["150%"], ["20%"]],
  ["x", "IOWeight", ["50"], ["50"], ["[not set]"]],
  ["x", "RestartSec", ["5000ms"], ["5000ms"], ["1500ms"]],
  ["x", "WatchdogSec", ["0"], ["infinity"], ["90500ms"]],
  ["x", "DeviceAllow", ["/dev/fuse rw"], ["/dev/fuse rw"], []],
  ["x", "IOReadBandwidthMax", ["/dev/sda 1048576"], [], ["/dev/sdb 1"]],
] as const)("unit %s does not have %s as %j", (unit, key, values, wanted, found) => {
  expect(driftOf(unit, key, ...values)).toEqual({ wanted, found });
});

test("a watchdog is only reported while the unit is active", () => {
  expect(driftOf("y", "WatchdogSec", "30000ms")).toBeUndefined();
});

test("settings that others cannot override are not compared", () => {
  expect(driftOf("x", "After", "network-online.target")).toBeUndefined();
});
