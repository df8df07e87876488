import { ensureDebianPackages, namesNotInstalled } from "../../../scripts/tools/debian-packages";

test("a package that was removed, or was never known, is missing", () => {
  const status = "bash installed\nnftables not-installed\nmmdebstrap config-files\n";
  expect(namesNotInstalled(["bash", "nftables", "mmdebstrap", "nothing"], status)).toEqual([
    "nftables",
    "mmdebstrap",
    "nothing",
  ]);
});

test("nothing is missing where all are installed", () => {
  expect(namesNotInstalled(["bash"], "bash installed\n")).toEqual([]);
});

test("without root the command to type is in the error, with only what is missing", async () => {
  const getuid = jest.spyOn(process, "getuid").mockReturnValue(1000);
  await expect(ensureDebianPackages(["dpkg", "no-such-package"], () => {})).rejects.toThrow(
    "Debian packages are missing: run\n  sudo apt install no-such-package",
  );
  getuid.mockRestore();
});
