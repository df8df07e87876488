import { existsSync, readFileSync } from "node:fs";
import { payload, STATUS } from "../../../../provider/host/jobs/transient-unit-scripts";
import { lines, sh } from "../../../../provider/remote";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ journalctl: "", df: "echo 7 0 0 ext4 /dev/vda /" });
});
afterEach(() => host.remove());

const job = {
  unit: "u",
  description: "Work",
  done: sh`false`,
  script: sh`echo working; [ ! -e ${"/run/pulumi-nspawn/fail"} ] || exit 3`,
  cleanUp: sh`: >${"/run/pulumi-nspawn/cleaned"}`,
};
const result = () => readFileSync(host.at(`${STATUS}/run1`), "utf8");

/** The unit's shell, with what systemd puts into its environment. */
function run(...environment: readonly string[]) {
  const settings = ["INVOCATION_ID=run1", ...environment];
  return host.ended(lines([sh`mkdir -p /run/pulumi-nspawn; printf %s ${payload(job)} | env ${settings} sh`]));
}

test("the script's output and its exit status are recorded", () => {
  expect(run()).toEqual({ status: 0, stdout: "working\n", stderr: "" });
  expect(result()).toBe("0\n");
});

test("a script that fails is followed by the file systems, before anything is cleaned up", () => {
  host.write("/run/pulumi-nspawn/fail", "");
  expect(run()).toEqual({ status: 3, stdout: "working\npulumi-nspawn-disk: 7 0 0 ext4 /dev/vda /\n", stderr: "" });
  expect(result()).toBe("3\n");
  expect(existsSync(host.at("/run/pulumi-nspawn/cleaned"))).toBe(false);
});

test.each([
  ["exited 3", true],
  ["killed KILL", true],
  ["killed TERM", true],
  ["exited 0", false],
])("after the unit's end, whether it is cleaned up if that was %s: %s", (end, expected) => {
  const [code, status] = end.split(" ");
  expect(run("SERVICE_RESULT=x", `EXIT_CODE=${code}`, `EXIT_STATUS=${status}`)).toEqual({
    status: 0,
    stdout: "",
    stderr: "",
  });
  expect(existsSync(host.at("/run/pulumi-nspawn/cleaned"))).toBe(expected);
  expect(existsSync(host.at(`${STATUS}/run1`))).toBe(false);
});
