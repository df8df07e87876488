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

test("leftovers_answer answers whole markers, also of a URN with a quote in it", () => {
  const text = markerText(claim({ urn: 'urn:"x"\\' }), { root: "web" });
  host.write("/var/lib/pulumi-nspawn/machines/web.json", text);
  host.write("/var/lib/pulumi-nspawn/forwarding", "1");
  expect(answered(host, lines([aboutClaim(claim({})), sh`leftovers_answer`]))).toEqual([
    ["leftover", "machines/web.json", text],
  ]);
});
