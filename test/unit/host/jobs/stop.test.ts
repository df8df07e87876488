import { stopUnit } from "../../../../provider/host/jobs/transient-unit-scripts";
import { lines, type Script, sh } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "case $* in show*) echo run1 ;; esac" });
});
afterEach(() => host.remove());

const followers = "/run/pulumi-nspawn/units/run1.followers";

/** A process that follows the run for as long as the script runs. */
const follower: Script = sh`
mkfifo ${"/run/pulumi-nspawn/units"}/ready 2>/dev/null || :
( exec 7>>${followers}; flock -s 7; : >${"/run/pulumi-nspawn/units"}/ready; exec sleep 60 ) >/dev/null 2>&1 &
follower_pids="$follower_pids $!"
: <${"/run/pulumi-nspawn/units"}/ready
`;

/** Whether a unit with this many followers is stopped. */
function stops(count: number): boolean {
  const start = sh`mkdir -p /run/pulumi-nspawn/units; follower_pids=; trap 'kill $follower_pids 2>/dev/null || :' EXIT`;
  host.run(lines([start, ...Array.from({ length: count }, () => follower), stopUnit("build")]));
  return host.calls().includes("systemctl stop build.service");
}

test.each([
  [0, true],
  [1, true],
  [2, false],
])("with %i followers, whether work is stopped on demand: %s", (count, stopped) => {
  expect(stops(count)).toBe(stopped);
});
