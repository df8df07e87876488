import { chmodSync, mkdirSync } from "node:fs";
import { facts, factsOf, isOpenToUsers, preflightProblems } from "../../../provider/host/facts";
import { ScratchHost } from "./support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ systemctl: "echo active" });
});
afterEach(() => host.remove());

const missing = () => host.run(facts).filter(({ key }) => key === "missing-package");

test("a package that is installed for two architectures is not missing", () => {
  host.program("dpkg-query", "printf 'installed\\ninstalled\\n'");
  expect(missing()).toEqual([]);
});

test("a package that is known but not installed is missing", () => {
  host.program("dpkg-query", "echo not-installed");
  expect(missing()).not.toEqual([]);
});

test.each([
  ["700", false],
  ["755", true],
  ["711", true],
  ["710", true],
  ["744", false],
])("users of the host can enter /var/lib/machines with mode %s: %s", (mode, open) => {
  mkdirSync(host.at("/var/lib/machines"), { recursive: true });
  chmodSync(host.at("/var/lib/machines"), Number.parseInt(mode, 8));
  const found = factsOf(host.run(facts));
  expect(isOpenToUsers(found)).toBe(open);
  const problem = preflightProblems(found).find(({ what }) => what.includes("/var/lib/machines"));
  expect([problem?.command, problem?.fatal]).toEqual(
    open ? ["chown root /var/lib/machines && chmod 0700 /var/lib/machines", false] : [undefined, undefined],
  );
});

test("a host without /var/lib/machines is open to nobody, and one whose owner is a user is", () => {
  expect(isOpenToUsers({ imagesAccess: "" })).toBe(false);
  expect(isOpenToUsers({ imagesAccess: "1000 700" })).toBe(true);
});
