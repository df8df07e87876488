import { mkdirSync } from "node:fs";
import { ensureMachine } from "../../../../provider/host/machines/ensure-machine";
import type { MachinePlan } from "../../../../provider/host/machines/machine-plan";
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
  needs: [],
  locks: [],
  preflight: [],
  afterWrite: [],
  beforeStart: [],
  running: false,
  autostart: false,
  waitFor: "booted",
  links: [],
  bootSeconds: 10,
};
const limits = new Map([["/etc/systemd/system/web.conf", { text: "[Service]\nTasksMax=5\n" }]]);

/** What a run asks systemd to do, except for queries. */
function done(more: Partial<MachinePlan> = {}): string[] {
  host.run(ensureMachine({ ...plan, ...more }));
  return host.calls().filter((call) => !/is-active|is-enabled/.test(call));
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

test("somebody else's machine is refused before anything is written", () => {
  const refusal = (more: Partial<MachinePlan>) => host.run(ensureMachine({ ...plan, ...more })).at(-1)?.values;
  host.write("etc/systemd/nspawn/web.nspawn", "[Exec]\n");
  expect(refusal({})).toEqual(["foreign"]);
  done({ claim: claim({ adopt: true }) });
  expect(refusal({ claim: claim({ owner: "other", claimant: "other" }) })).toEqual(["claimed", "urn:x"]);
  expect(refusal({ claim: claim({ owner: "other", fresh: false }) })).toEqual(["claimed", "urn:x"]);
  expect(host.calls().filter((call) => call.includes("reload"))).toEqual([]);
});
