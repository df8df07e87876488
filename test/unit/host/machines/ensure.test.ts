import { mkdirSync, readFileSync, utimesSync } from "node:fs";
import { ensureMachine } from "../../../../provider/host/machines/ensure-machine";
import type { MachinePlan } from "../../../../provider/host/machines/machine-plan";
import { reloadNetworkd } from "../../../../provider/host/networks/networkd";
import { sh } from "../../../../provider/host/sh";
import { parseAnswer } from "../../../../provider/remote";
import { claim } from "../support/claim";
import { ScratchHost } from "../support/scratch-host";

const systemctl = `
case $* in
  *is-active*) echo inactive; exit 3 ;;
  *is-enabled*) exit 1 ;;
esac
`;

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl });
  mkdirSync(host.at("var/lib/machines/web"), { recursive: true });
});
afterEach(() => host.remove());

/** A machine that is set up but not started. */
const plan: MachinePlan = {
  name: "web",
  rootName: "web",
  generation: "",
  claim: claim(),
  files: { restart: new Map([["/etc/systemd/nspawn/web.nspawn", { text: "[Exec]\nBoot=yes\n" }]]), live: new Map() },
  overridable: { restart: [], live: [] },
  ownLines: undefined,
  keepsUnitFile: false,
  needs: [],
  locks: [],
  preflight: [],
  afterWrite: [],
  beforeStart: [],
  running: false,
  autostart: false,
  waitFor: "booted",
  links: [],
  hostLinks: [],
  mounted: [],
  bootSeconds: 10,
};
const limits = new Map([["/etc/systemd/system/web.conf", { text: "[Service]\nTasksMax=5\n" }]]);

/** What a run asks systemd to do, except for queries. */
function done(more: Partial<MachinePlan> = {}): string[] {
  host.run(ensureMachine({ ...plan, ...more }));
  return host.calls().filter((call) => !/is-active|is-enabled|show/.test(call));
}

test("systemd reads the files of units again if any changed, and only then", () => {
  expect(done()).toEqual(["systemctl daemon-reload"]);
  expect(done()).toEqual([]);
  expect(done({ files: { ...plan.files, live: limits } })).toEqual(["systemctl daemon-reload"]);
  expect(done({ files: { ...plan.files, live: limits } })).toEqual([]);
  expect(done()).toEqual(["systemctl daemon-reload"]);
});

test("files that a killed run wrote are read too, although nothing changes any longer", () => {
  done();
  host.write("run/pulumi-nspawn/unread/web", "");
  expect(done()).toEqual(["systemctl daemon-reload"]);
  expect(done()).toEqual([]);
});

test("a machine that starts at boot is enabled before systemd reads the files", () => {
  expect(done({ autostart: true })).toEqual([
    "systemctl -q --no-reload enable systemd-nspawn@web.service machines.target",
    "systemctl daemon-reload",
  ]);
});

/** A systemd that keeps the state of the unit, and a networkd that reloads or not. */
function running(networkctl = ""): void {
  host.program(
    "systemctl",
    sh`
cd ${host.directory}
case $* in
  *is-active*machines.target*) ;;
  *is-active*) cat state; grep -qx active state ;;
  *is-enabled*) exit 1 ;;
  start*) echo active >state ;;
  stop*) echo inactive >state ;;
esac`.text,
  );
  host.program("networkctl", networkctl);
  host.program("machinectl", "echo 42");
  host.program("busctl", "");
  host.program("journalctl", "");
  host.write("proc/self/mountinfo", "");
  host.write("proc/uptime", "1000.00 0\n");
}
const state = () => readFileSync(host.at("state"), "utf8").trim();
const changed = { restart: new Map([["/etc/systemd/nspawn/web.nspawn", { text: "[Exec]\n" }]]), live: new Map() };
const runs: Partial<MachinePlan> = { running: true, waitFor: "started", beforeStart: [reloadNetworkd] };

describe("a machine that runs", () => {
  beforeEach(() => {
    host.remove();
    host = new ScratchHost({}, ["/proc"]);
    mkdirSync(host.at("var/lib/machines/web"), { recursive: true });
    running();
    host.write("state", "inactive\n");
    host.run(ensureMachine({ ...plan, ...runs }));
    host.calls();
  });

  test("is not stopped while what it needs to start is silent", () => {
    host.program("busctl", "case $4 in org.freedesktop.network1) exit 1 ;; esac");
    const answers = host.run(ensureMachine({ ...plan, ...runs, files: changed }));
    expect(answers.at(-1)).toEqual({ key: "refused", values: ["host-silent", "org.freedesktop.network1"] });
    expect(host.calls().filter((call) => / stop /.test(call))).toEqual([]);
    expect(state()).toBe("active");
  });

  test("starts again if something fails after it was stopped, and the next run changes nothing but what failed", () => {
    running("echo 'Failed to reload: Connection timed out' >&2; exit 1");
    const { status, stdout } = host.ended(ensureMachine({ ...plan, ...runs, files: changed }));
    const answers = stdout.split("\n").flatMap((line) => parseAnswer(line) ?? []);
    expect(status).toBe(65);
    expect(answers.slice(-2).map(({ key, values: [value] }) => [key, value])).toEqual([
      ["refused", "networkd-reload"],
      ["afterwards", "The machine had been stopped for this, and runs again."],
    ]);
    expect(state()).toBe("active");
    running();
    host.calls();
    host.run(ensureMachine({ ...plan, ...runs, files: changed }));
    expect(host.calls().filter((call) => / (?:stop|start|daemon-reload)\b/.test(call))).toEqual([]);
  });

  test("is not restarted by files that are dated ahead", () => {
    utimesSync(host.at("etc/systemd/nspawn/web.nspawn"), Date.now() / 1000 + 86400, Date.now() / 1000 + 86400);
    host.run(ensureMachine({ ...plan, ...runs, files: { ...plan.files, live: limits } }));
    expect(host.calls().filter((call) => /^systemctl (?:stop|start) /.test(call))).toEqual([]);
  });

  test("is restarted if a killed run changed its files, whatever their date", () => {
    host.write("etc/systemd/nspawn/web.nspawn", "[Exec]\n");
    utimesSync(host.at("etc/systemd/nspawn/web.nspawn"), 1000, 1000);
    host.run(ensureMachine({ ...plan, ...runs, files: changed }));
    expect(host.calls().filter((call) => /^systemctl (?:stop|start) /.test(call))).toHaveLength(2);
  });

  test("is left stopped if that is what is wanted", () => {
    const { status } = host.ended(ensureMachine({ ...plan, ...runs, running: false, beforeStart: [sh`false`] }));
    expect([status, state()]).toEqual([1, "inactive"]);
  });
});

test("somebody else's machine is refused before anything is written", () => {
  const refusal = (more: Partial<MachinePlan>) => host.run(ensureMachine({ ...plan, ...more })).at(-1)?.values;
  host.write("etc/systemd/nspawn/web.nspawn", "[Exec]\n");
  expect(refusal({})).toEqual(["foreign"]);
  done({ claim: claim({ adopt: true }) });
  expect(refusal({ claim: claim({ owner: "other", claimant: "other" }) })).toEqual(["claimed", "urn:x"]);
  expect(refusal({ claim: claim({ owner: "other", fresh: false }) })).toEqual(["claimed", "urn:x"]);
  expect(host.calls().filter((call) => call.includes("reload"))).toEqual([]);
});
