import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { WARNING } from "../../../../provider/host/provision/guest";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

describe("repository_leave", () => {
  test.each(["src", "a b", "back\\c\\nslash", "-n", "two%s"])(
    "says why as a warning, and ends without failing: %s",
    (name) => {
      expect(host.ended(sh`repository=${name}; repository_leave ${"its origin is x\\c"} y; echo later`)).toEqual({
        status: 0,
        stdout: `${WARNING}the repository ${name} is left as it is: its origin is x\\c y\n`,
        stderr: "",
      });
    },
  );

  test("ends a script that calls it after something that failed", () => {
    expect(host.ended(sh`repository=x; false || repository_leave y; echo later`).stdout).not.toContain("later");
  });
});

describe("repository_git", () => {
  test.each(["a b", "-x", "back\\slash"])("works in the repository, whatever it is called: %s", (name) => {
    mkdirSync(host.at(`repositories/${name}`), { recursive: true });
    execFileSync("git", ["init", "-q", host.at(`repositories/${name}`)]);
    const { status, stdout } = host.ended(
      sh`cd ${host.at("repositories")}; repository=${name}; repository_git rev-parse --show-toplevel`,
    );
    expect([status, stdout]).toEqual([0, `${host.at(`repositories/${name}`)}\n`]);
  });

  test("fails as git does", () => {
    host.program("git", "exit 9");
    expect(host.ended(sh`repository=x; repository_git fetch; echo later`)).toMatchObject({ status: 9, stdout: "" });
    expect(host.ended(sh`repository=x; repository_git fetch "a b" || echo failed`).stdout).toBe("failed\n");
  });
});
