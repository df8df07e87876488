import { tryCommand } from "../../scripts/tools/command";
import { root } from "../root";

test("the demo walks from an empty host to a machine and back", async () => {
  const { stdout, stderr, exitCode } = await tryCommand("npm", ["run", "--silent", "demo"], { cwd: root });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("Operating System: Debian GNU/Linux 12 (bookworm)");
  expect(stdout).toMatch(/live: limits/);
  expect(stdout).toMatch(/restart: hostname/);
  expect(stdout).toMatch(/files, units, nftables rules and mounts are the same/);
  expect(stdout).not.toContain("\u001b[");
});

test("the demo says how it is used", async () => {
  const { stdout, exitCode } = await tryCommand("npm", ["run", "--silent", "demo", "--", "--help"], { cwd: root });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("--host ssh://USER@SERVER");
});
