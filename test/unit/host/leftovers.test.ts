import { answerLeftovers, describeLeftover, leftoversIn, removeLeftover } from "../../../provider/host/leftovers";
import { type Claim, markerText } from "../../../provider/host/ownership";
import { claim } from "./support/claim";
import { ScratchHost } from "./support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const put = (file: string, made: Partial<Claim> = {}, fields = {}) =>
  host.write(`/var/lib/pulumi-nspawn/${file}.json`, markerText(claim({ fresh: true, ...made }), fields));
const left = () => leftoversIn(host.run(answerLeftovers(claim({ owner: "" }))));

test("what a stack made and never recorded is found, in an order in which it can be removed", () => {
  put("networks/dev", { owner: "n1" });
  put("bridges/br0", { owner: "b1" });
  put("rootfs/web@g1", { owner: "r1" }, { builtWith: "mmdebstrap" });
  put("machines/web", { owner: "m1" }, { root: "web" });
  put("sources/0123", { owner: "s1" }, { path: "/srv/it's" });
  put("provisions/p1", { owner: "p1" }, { machine: "web" });
  expect(left().map((leftover) => [leftover.owner, describeLeftover(leftover)])).toEqual([
    ["p1", 'the record of work in the machine "web"'],
    ["m1", 'the machine "web"'],
    ["r1", 'the root "web"'],
    ["n1", 'the network "dev"'],
    ["s1", 'the source "/srv/it\'s"'],
    ["b1", 'the bridge "br0"'],
  ]);
});

test("what a state knows, what another stack made, and what is no marker is left alone", () => {
  expect(left()).toEqual([]);
  put("networks/known", { fresh: false });
  put("networks/theirs", { claimant: "theirs" });
  put("networks/taken", { adopt: true });
  put("rootfs/taken@g1", {}, { builtWith: "" });
  put("elsewhere/thing");
  host.write("/var/lib/pulumi-nspawn/networks/broken.json", "{");
  host.write("/var/lib/pulumi-nspawn/networks/older.json", JSON.stringify({ owner: "me", urn: "urn:x" }));
  expect(left()).toEqual([]);
});

test("a directory on the host is released as one that was made, or that is only used", () => {
  put("sources/me", { owner: "me" }, { path: "/srv/used" });
  put("sources/0123", { owner: "other" }, { path: "/srv/made" });
  const scripts = left().map((leftover) => removeLeftover(leftover, claim({})).text);
  expect(scripts.map((text) => text.includes('"kept":"yes"'))).toEqual([true, false]);
});
