import { readdir } from "node:fs/promises";
import { tryCommand } from "../../scripts/tools/command";
import { root } from "../root";

function demo(args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env) {
  return tryCommand("npm", ["run", "--silent", "demo", "--", ...args], { cwd: root, env });
}

test("the demo walks from an empty host to a machine and back", async () => {
  const before = await readdir(root);
  const { stdout, stderr, exitCode } = await demo();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain("Operating System: Debian GNU/Linux 12 (bookworm)");
  expect(stdout).toMatch(/live: limits/);
  expect(stdout).toMatch(/restart: hostname/);
  expect(stdout).toMatch(/files, units, nftables rules and mounts are the same/);
  expect(stdout).not.toContain("\u001b[");
  expect(await readdir(root)).toEqual(before);
});

test("the demo says how it is used", async () => {
  const { stdout, exitCode } = await demo(["--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("--host ssh://USER@SERVER");
});
