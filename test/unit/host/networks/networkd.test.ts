import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reloadNetworkd } from "../../../../provider/host/networks/networkd";
import { sh } from "../../../../provider/host/sh";
import { lines, parseAnswer, prelude } from "../../../../provider/remote";
import { ended } from "../../support/processes";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "networkd-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/**
 * Reloads with a networkctl that fails with this message the first times: the script's exit status, and its refusal.
 */
function reload(failure: string, times: number): { status: number; refused: readonly string[]; tries: number } {
  const tries = join(directory, "tries");
  const text = lines([
    prelude,
    sh`
set -eu
coalesced_directory=${directory}
sleep() { :; }
networkctl() {
  echo "$*" >>${tries}
  [ "$(wc -l <${tries})" -gt ${times} ] || { echo ${failure} >&2; return 1; }
}
${reloadNetworkd}
`,
  ]);
  const { status, stdout } = ended(["sh", "-c", text.text]);
  const [code, ...values] = parseAnswer(stdout.trim())?.values ?? [];
  const count = existsSync(tries) ? readFileSync(tries, "utf8").trim().split("\n").length : 0;
  return { status, refused: code === undefined ? [] : values, tries: count };
}

/** What systemd 257 and 262 say while they reload for somebody else. */
const BUSY = [
  "Failed to reload network settings: Already reloading.",
  "Failed to call io.systemd.Network.Reload varlink method: io.systemd.Network.AlreadyReloading",
];

test.each(BUSY)("a reload is retried while networkd says: %s", (message) => {
  expect(reload(message, 7)).toEqual({ status: 0, refused: [], tries: 8 });
});

test("networkd that never stops reloading is a refusal", () => {
  const { status, refused, tries } = reload(BUSY[0] ?? "", 10_000);
  expect({ status, refused }).toEqual({ status: 65, refused: [BUSY[0]] });
  expect(tries).toBeGreaterThan(100);
});

test("any other failure is a refusal at once", () => {
  const denied = "Failed to reload network settings: Access denied";
  expect(reload(denied, 1)).toEqual({ status: 65, refused: [denied], tries: 1 });
});
