import { check } from "../../../provider/dynamic/check";
import { UNKNOWN } from "../../../provider/dynamic/unknown";
import { rootfsHandler } from "../../../provider/resources/debian-rootfs/rootfs-handler";

const host = { connection: { host: "web1" } };
const urn = "urn:pulumi:dev::e2e::pulumi-nodejs:dynamic/nspawn:DebianRootfs::data-loss";

/** What the check makes of a program's inputs, with the state that the one before led to. */
function checked(olds: Record<string, unknown>, change: object) {
  const { inputs, failures } = check(rootfsHandler, olds, { host, name: "data-loss", __urn: urn, ...change });
  return { inputs, refused: failures.length > 0, warnings: rootfsHandler.warnings?.(inputs, olds) ?? [] };
}

const bookworm = checked({}, { suite: "bookworm", dataLoss: "allow" }).inputs;
const trixie = checked(bookworm, { suite: "trixie", dataLoss: "allow" }).inputs;

test("a root knows what it was before it was replaced, and still does after other changes", () => {
  expect(bookworm).not.toHaveProperty("replaced");
  const replaced = { name: "data-loss", suite: "bookworm", variant: "minbase" };
  expect(trixie.replaced).toEqual(replaced);
  expect(checked(trixie, { suite: "trixie", hostname: "x" }).inputs.replaced).toEqual(replaced);
  expect(checked(trixie, { suite: "forky", dataLoss: "allow" }).inputs.replaced).toMatchObject({ suite: "trixie" });
});

test("the second check of a replacement, which has no state, knows it too", () => {
  checked(bookworm, { suite: "trixie", dataLoss: "allow" });
  expect(checked({}, { suite: "trixie", dataLoss: "allow" }).inputs).toMatchObject({ replaced: { suite: "bookworm" } });
});

test("a change can be taken back without allowing data loss: the host decides whether it keeps the former root", () => {
  expect(checked(trixie, { suite: "bookworm" })).toMatchObject({
    refused: false,
    warnings: [
      "this takes back a change (suite from trixie to bookworm). If the machine still runs the root from before, that " +
        "is kept with all its data; otherwise it is refused, and nothing is lost.",
    ],
  });
});

test.each([
  ["another suite", { suite: "forky" }],
  ["its former suite with another variant", { suite: "bookworm", variant: "important" }],
])("%s is refused", (_, change) => {
  expect(checked(trixie, change)).toMatchObject({ refused: true, warnings: [] });
});

test("a warning says that a new root is made where data loss is allowed", () => {
  const [warning] = checked(trixie, { suite: "bookworm", dataLoss: "allow" }).warnings;
  expect(warning).toContain("otherwise a new, empty one is made");
});

test("a name that is not known yet is no change", () => {
  expect(checked(trixie, { name: UNKNOWN, suite: "trixie" }).inputs.replaced).toMatchObject({ suite: "bookworm" });
});
