import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const FILES = "/run/pulumi-nspawn/coalesced/-a b";
const about = sh`coalesced_files=${FILES}`;

test("coalesced_begun is how many runs began, by the size of its file", () => {
  const begun = () => host.printed(sh`${about}; coalesced_begun`);
  expect(begun()).toBe("0");
  host.write(`${FILES}.begun`, "");
  expect(begun()).toBe("0");
  host.write(`${FILES}.begun`, "...");
  expect(begun()).toBe("3");
});

test("coalesced_done is what the last run that succeeded noted, and nothing counts as none", () => {
  const done = () => host.printed(sh`${about}; coalesced_done`);
  expect(done()).toBe("0");
  host.write(`${FILES}.done`, "");
  expect(done()).toBe("0");
  host.write(`${FILES}.done`, "12\n");
  expect(done()).toBe("12");
});
