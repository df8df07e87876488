import fc from "fast-check";
import { interfaceName, interfaceUnit } from "../../../provider/systemd/interface";

test.each(["br0", "br-lan", "enp0s31f6", "vmbr0.100", "_x", "a_b.c-d"])("%s is a name of an interface", (name) => {
  expect(interfaceName.parse(name)).toBe(name);
});

test.each([
  "",
  "a-name-too-long1",
  "br 0",
  "br/0",
  "br:0",
  "br%d",
  "br*",
  "$(reboot)",
  "-br",
  ".br",
  "42",
  "all",
  "default",
  "brücke",
])("%j is not the name of an interface", (name) => {
  expect(() => interfaceName.parse(name)).toThrow(/is not the name of an interface|means something else to the kernel/);
});

test("the unit of an interface is escaped as systemd-escape --path does", () => {
  expect(interfaceUnit("br0")).toBe("sys-subsystem-net-devices-br0.device");
  expect(interfaceUnit("br-lan.1_a")).toBe("sys-subsystem-net-devices-br\\x2dlan.1_a.device");
  expect(interfaceUnit(".a")).toBe("sys-subsystem-net-devices-\\x2ea.device");
});

test("a name can be read back from its unit", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/), (name) => {
      const [, escaped = ""] = /^sys-subsystem-net-devices-(.*)\.device$/.exec(interfaceUnit(name)) ?? [];
      expect(escaped.replace(/\\x([0-9a-f]{2})/g, (_all, code) => String.fromCharCode(Number.parseInt(code, 16)))).toBe(
        name,
      );
      expect(escaped).not.toMatch(/-/);
    }),
  );
});
