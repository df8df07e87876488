import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

test.each([
  ["/srv/plain.d-1", "/srv/plain.d-1"],
  ["/srv/a b", "/srv/a\\040b"],
  ["/srv/a\tb", "/srv/a\\011b"],
  ["/srv/a\\b", "/srv/a\\134b"],
  ["/srv/a\\040b", "/srv/a\\134040b"],
])("%j is the path that the kernel lists as %j", (path, listed) => {
  expect(host.printed(sh`mountinfo_path ${path}`)).toBe(listed);
});
