import { aboutClaim, markerText } from "../../../../provider/host/ownership";
import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { claim } from "../support/claim";
import { answered } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

test.each([
  ["machines/web", {}, true],
  ["machines/web", { adopt: true }, false],
  ["sources/0123", { adopt: true }, true],
  ["machines/web", { fresh: false }, false],
])("leftover_is_made knows what was there before: %s %j", (file, made, expected) => {
  const path = `/var/lib/pulumi-nspawn/${file}.json`;
  host.write(path, markerText(claim(made)));
  expect(host.holds(lines([aboutClaim(claim({})), sh`leftover_is_made ${path}`]))).toBe(expected);
});

test("leftovers_answer answers whole markers, also of a URN with a quote in it", () => {
  const text = markerText(claim({ urn: 'urn:"x"\\' }), { root: "web" });
  host.write("/var/lib/pulumi-nspawn/machines/web.json", text);
  host.write("/var/lib/pulumi-nspawn/forwarding", "1");
  expect(answered(host, lines([aboutClaim(claim({})), sh`leftovers_answer`]))).toEqual([
    ["leftover", "machines/web.json", text],
  ]);
});
