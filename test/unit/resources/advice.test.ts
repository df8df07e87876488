import * as pulumi from "@pulumi/pulumi";
import * as nspawn from "../../../index";
import { check } from "../../../provider/dynamic/check";
import { sentenceFor } from "../../../provider/host/refusals";
import { bindMountInputs } from "../../../provider/resources/bind-mount/bind-mount-inputs";
import { bindMountRefusals } from "../../../provider/resources/bind-mount/bind-mount-refusals";
import { rootRefusals } from "../../../provider/resources/debian-rootfs/root-refusals";
import { rootfsHandler } from "../../../provider/resources/debian-rootfs/rootfs-handler";
import { rootfsInputs } from "../../../provider/resources/debian-rootfs/rootfs-inputs";
import { machineInputs } from "../../../provider/resources/nspawn-machine/machine-inputs";
import { machineRefusals } from "../../../provider/resources/nspawn-machine/machine-refusals";
import { explainFailedJob } from "../../../provider/resources/provision/failed-provision";
import { networkInputs } from "../../../provider/resources/veth-network/network-inputs";
import { networkRefusals } from "../../../provider/resources/veth-network/network-refusals";

const host = { connection: { host: "web1" } };
const urn = "urn:pulumi:dev::p::pulumi-nodejs:dynamic/nspawn:X::old";

const claimed: Record<string, () => string | undefined> = {
  machine: () =>
    sentenceFor(
      machineRefusals,
      "claimed",
      [urn],
      machineInputs.parse({ host, name: "a", rootName: "a", rootfs: "a@1" }),
    )?.advice,
  root: () => sentenceFor([rootRefusals], "claimed", [urn], rootfsInputs.parse({ host, name: "a" }))?.advice,
  network: () =>
    sentenceFor(networkRefusals, "claimed", [urn], networkInputs.parse({ host, name: "a", subnet: "10.0.0.0/24" }))
      ?.advice,
  source: () =>
    sentenceFor(bindMountRefusals, "claimed", [urn], bindMountInputs.parse({ host, source: "/srv/a", target: "/a" }))
      ?.advice,
};

test.each(Object.keys(claimed))(
  "a %s that another URN claims may be the same one: aliases come before adopt",
  (kind) => {
    expect(claimed[kind]?.()).toMatch(/before it got another name or parent, add `aliases: \[URN\]`.*`adopt: true`/);
  },
);

test("a root with a new logical name is kept by its old name, which comes before dataLoss", () => {
  const before = check(rootfsHandler, {}, { host, name: "old", __urn: "a" }).inputs;
  const reason = (news: object) => check(rootfsHandler, before, { host, __urn: "b", ...news }).failures[0]?.reason;
  expect(reason({ name: "new" })).toMatch(
    /would be lost\. To keep it under another logical name, set `name: "old"`\. .*dataLoss/,
  );
  expect(reason({ name: "old", suite: "forky" })).not.toContain("logical name");
});

test.each([
  ["Host key verification failed.", /set `knownHosts` of the repository/],
  ["git@x: Permission denied (publickey).", /set `deployKey` of the repository/],
  ["make: *** [all] Error 2", /: the step "dotfiles" ended with exit status 128\. Earlier steps/],
])("a clone that ends with %j says what to write", (output, message) => {
  const answer = ["failed", "dotfiles", "128", output];
  const line = JSON.stringify(answer.map((one, index) => (index === 0 ? one : Buffer.from(one).toString("base64"))));
  const error = explainFailedJob(
    { attempted: "work", host: "web1" },
    { ok: false, cancelled: false, rebooted: false, killed: undefined, log: `guest| ${line}`, unit: "u.service" },
    (text) => text,
  );
  expect(error.message).toMatch(message);
});

test("the option import is refused with what to do instead, before Pulumi ends in a stack trace", () => {
  pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) });
  const imported = () => new nspawn.DebianRootfs("web", { host }, { import: "web" });
  expect(imported).toThrow(
    /the option `import` and `pulumi import` do not work with these resources: set the input `adopt: true`/,
  );
  expect(imported).toThrow(pulumi.RunError);
});
