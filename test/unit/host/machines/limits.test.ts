import { sh } from "../../../../provider/host/sh";
import { lines } from "../../../../provider/remote";
import { render } from "../../../../provider/resources/nspawn-machine/inputs/limits";
import { answered } from "../support/functions";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({ nproc: "echo 2" });
});
afterEach(() => host.remove());

test.each([
  [1, []],
  [2, []],
  [2.5, [["warning", "limits.cpus is 2.5, and the host has 2: the machine gets no more than that"]]],
])("more processors than the host has are a warning: %d", (cpus, answers) => {
  const { preflight = [] } = render({ name: "web", limits: { cpus } });
  expect(answered(host, lines([sh`:`, ...preflight]))).toEqual(answers);
});
