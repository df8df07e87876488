import { join } from "node:path";
import { type CommandResult, tryCommand } from "../../../scripts/tools/command";
import { root } from "../../support/root";

function hosts(...args: string[]): Promise<CommandResult> {
  return tryCommand(process.execPath, ["--require", "tsx/cjs", join(root, "test/support/hosts/cli.ts"), ...args]);
}

test("prints its usage for --help and for an unknown verb", async () => {
  expect(await hosts("--help")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("npm run hosts -- up") });
  expect(await hosts("halt")).toMatchObject({ exitCode: 2, stdout: expect.stringContaining("npm run hosts -- up") });
});

test("refuses unknown values before anything is made", async () => {
  expect(await hosts("up", "x", "--suite", "buster")).toMatchObject({
    exitCode: 1,
    stderr: '"buster" is no suite: write one of bookworm, trixie, forky\n',
  });
  for (const verb of ["ssh", "down"]) {
    expect(await hosts(verb, "nobody")).toMatchObject({
      exitCode: 1,
      stderr: 'no host "nobody" is up: see npm run hosts -- list\n',
    });
  }
});

test("a host made on the command line stays, can be logged in to, and is removed on request", async () => {
  try {
    expect(await hosts("up", "by-hand", "--bare")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^by-hand {2}trixie /),
    });
    expect((await hosts("up", "by-hand")).stderr).toBe("by-hand was up already\n");
    expect((await hosts("list")).stdout).toMatch(/^by-hand {2}198\.18\.240\.\d+ {2}trixie \(bare\), ext4 8G/m);
    expect(await hosts("ssh", "ops@by-hand", "id -un; exit 3")).toMatchObject({ stdout: "ops\n", exitCode: 3 });
  } finally {
    expect((await hosts("down", "by-hand")).stderr).toBe("removed by-hand\n");
  }
  expect((await hosts("list")).stdout).not.toMatch("by-hand");
});
