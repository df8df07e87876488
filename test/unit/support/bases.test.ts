import { outdated } from "../../support/hosts/bases";

test("only leftovers of the same kind of base are removed before it is built again", () => {
  const names = [
    "bookworm-0123456789ab",
    "bookworm.lock",
    "bookworm-bare-0123456789ab",
    "bookworm-bare.lock",
    ".building-bookworm-17",
    ".building-bookworm-bare-17",
    "trixie-0123456789ab",
    "roots",
  ];
  expect(outdated(names, "bookworm")).toEqual(["bookworm-0123456789ab", ".building-bookworm-17"]);
  expect(outdated(names, "bookworm-bare")).toEqual(["bookworm-bare-0123456789ab", ".building-bookworm-bare-17"]);
});
