import { namesNotInstalled } from "../../../scripts/tools/debian-packages";

test("a package that was removed, or was never known, is missing", () => {
  const status = "bash installed\nnftables not-installed\nmmdebstrap config-files\n";
  expect(namesNotInstalled(["bash", "nftables", "mmdebstrap", "nothing"], status)).toEqual([
    "nftables",
    "mmdebstrap",
    "nothing",
  ]);
});

test("nothing is missing if all are installed", () => {
  expect(namesNotInstalled(["bash"], "bash installed\n")).toEqual([]);
});
