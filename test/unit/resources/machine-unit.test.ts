import { UNKNOWN } from "../../../provider/dynamic";
import { check } from "../../../provider/dynamic/check";
import { machineFiles } from "../../../provider/resources/nspawn-machine/machine-files";
import { machineHandler } from "../../../provider/resources/nspawn-machine/machine-handler";
import { dropInLines, machine } from "./support/machine";

test("the restart policy is in a drop-in that takes effect at once", () => {
  expect(dropInLines("supervision", { restart: { policy: "on-failure", delay: 1.5 } })).toEqual([
    "# Managed by pulumi-nspawn.",
    "[Service]",
    "Restart=on-failure",
    "RestartSec=1500ms",
    expect.stringMatching(/^ExecStopPost=-\/bin\/sh -c "exec .* UnregisterMachine s web; .*"$/),
  ]);
  expect(dropInLines("supervision", { restart: { policy: "always" } })).not.toContainEqual(
    expect.stringMatching(/RestartSec/),
  );
  expect(dropInLines("supervision", { restart: { policy: "no" } })).not.toContainEqual(
    expect.stringMatching(/ExecStopPost/),
  );
  expect([...machineFiles(machine({ restart: { policy: "no" } })).files.live.keys()]).toEqual([
    "/etc/systemd/system/systemd-nspawn@web.service.d/90-pulumi-nspawn-supervision.conf",
  ]);
});

test.each([
  [30, "WatchdogSec=30000ms"],
  [false, "WatchdogSec=0"],
])("watchdog: %j takes effect at the next start", (watchdog, line) => {
  expect(dropInLines("service", { watchdog })).toContain(line);
});

test("dependencies on machines and units use the names of their units", () => {
  const inputs = {
    after: ["db", "network-online.target", { unit: "systemd-nspawn@db.service", host: "web1:22" }],
    wants: ["network-online.target"],
    requires: ["a.b"],
  };
  expect(dropInLines("order", inputs)).toEqual([
    "# Managed by pulumi-nspawn.",
    "[Unit]",
    "After=systemd-nspawn@db.service",
    "After=network-online.target",
    "After=systemd-nspawn@db.service",
    "Wants=network-online.target",
    "Requires=systemd-nspawn@a.b.service",
  ]);
});

const refusals = (inputs: object) => {
  const news = { host: { connection: { host: "web1" } }, name: "web", rootName: "web", rootfs: "web@1" };
  return check(machineHandler, {}, { ...news, ...inputs })
    .failures.map(({ reason }) => reason)
    .join("\n");
};

test.each([
  [
    { after: ["no such"] },
    /after\.0\.unit: "no such" is neither a unit, as in "network-online\.target", nor a machine's name/,
  ],
  [{ after: ["@network-online.target"] }, /after\.0\.unit: "@network-online\.target" is neither a unit/],
  [{ requires: ["web"] }, /requires: "systemd-nspawn@web\.service" is the machine itself/],
  [
    { wants: [{ unit: "systemd-nspawn@db.service", host: "web2:22" }] },
    /wants: "systemd-nspawn@db\.service" is on the host "web2:22", and the machine on "web1:22"/,
  ],
  [{ restart: { policy: "sometimes" } }, /restart\.policy: write one of no, on-success, on-failure/],
  [{ restart: { policy: "always", delay: -1 } }, /restart\.delay: is below zero/],
  [{ watchdog: true }, /watchdog: write a number of seconds, 1 or more, or false/],
  [{ watchdog: 0 }, /watchdog: write a number of seconds, 1 or more, or false for none/],
])("bad input is refused in the preview: %j", (inputs, message) => {
  expect(refusals(inputs)).toMatch(message);
});

test("an unknown dependency passes", () => {
  expect(refusals({ after: [UNKNOWN, { unit: UNKNOWN, host: UNKNOWN }] })).toBe("");
});
