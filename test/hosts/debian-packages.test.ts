import { ensureDebianPackages } from "../../scripts/tools/debian-packages";

test("without root, the error has the command to type, with only the missing packages", async () => {
  const getuid = jest.spyOn(process, "getuid").mockReturnValue(1000);
  await expect(ensureDebianPackages(["dpkg", "no-such-package"], () => {})).rejects.toThrow(
    "Debian packages are missing: run\n  sudo apt install no-such-package",
  );
  getuid.mockRestore();
});
