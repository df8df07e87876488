import { facts } from "../../../provider/host/facts";
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
