import { readdirSync } from "node:fs";
import { forgetStaleLeases } from "../../../provider/host/machines/stale-leases";
import { ScratchHost } from "./support/scratch-host";

const LEASES = "var/lib/systemd/network/dhcp-server-lease";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({}, ["/sys", "/var/lib/systemd"]);
});
afterEach(() => host.remove());

/** What is left of these files after a machine's start. */
function leftOf(
  files: readonly string[],
  machine: string,
  { links = [] }: { links?: readonly string[] } = {},
): string[] {
  for (const file of files) host.write(`${LEASES}/${file}`, "{}");
  for (const link of links) host.write(`sys/class/net/${link}/ifindex`, "7");
  expect(host.holds(forgetStaleLeases(machine))).toBe(true);
  return readdirSync(host.at(LEASES)).sort();
}

test("the leases of former boots go, and those of other machines stay", () => {
  expect(leftOf(["ve-ci", "ve-ci-1", "ve-ci-10", "ve-ci-2", "vz-ci"], "ci-1")).toEqual([
    "ve-ci",
    "ve-ci-10",
    "ve-ci-2",
    "vz-ci",
  ]);
});

test("leases of an interface that exists stay", () => {
  expect(leftOf(["ve-ci-1"], "ci-1", { links: ["ve-ci-1"] })).toEqual(["ve-ci-1"]);
});

test("a name that is just short enough is the interface's", () => {
  expect(leftOf(["ve-abcdefghijkl", "ve-abcdefghZ_9-"], "abcdefghijkl")).toEqual(["ve-abcdefghZ_9-"]);
});

test("the interface of a long name has a hash at its end, and others alike stay if they exist", () => {
  const files = ["ve-abcdefghZ_9-", "ve-abcdefghAAAA", "ve-abcdefghi", "ve-abcdefgX0000"];
  expect(leftOf(files, "abcdefghijklm", { links: ["ve-abcdefghAAAA"] })).toEqual([
    "ve-abcdefgX0000",
    "ve-abcdefghAAAA",
    "ve-abcdefghi",
  ]);
});

test("a host without such leases has nothing to remove", () => {
  expect(host.holds(forgetStaleLeases("ci-1"))).toBe(true);
});
