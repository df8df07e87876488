import { chmodSync, mkdirSync, statSync } from "node:fs";
import { sh } from "../../../../provider/host/sh";
import { ScratchHost } from "../support/scratch-host";

const DIRECTORY = "/run/pulumi-nspawn";

let host: ScratchHost;
beforeEach(() => {
  host = new ScratchHost({});
});
afterEach(() => host.remove());

const mode = (path: string) => (statSync(host.at(path)).mode & 0o777).toString(8);

describe("lock_open", () => {
  test("opens a file that only root can open, in a directory that only root can enter", () => {
    host.ended(
      sh`mkdir -p "$(dirname ${DIRECTORY})"; lock_open ${`${DIRECTORY}/web.lock`} 9; flock -n 9; : >${host.at("later")}`,
    );
    expect([mode(DIRECTORY), mode(`${DIRECTORY}/web.lock`), mode("later")]).toEqual(["700", "600", "644"]);
  });

  test("closes a directory that an earlier version left open, and keeps the files that are locked there", () => {
    mkdirSync(host.at(DIRECTORY), { recursive: true });
    chmodSync(host.at(DIRECTORY), 0o755);
    host.write(`${DIRECTORY}/it's.lock`, "");
    const taken = sh`exec 7>>${`${DIRECTORY}/it's.lock`}; flock 7; lock_open ${`${DIRECTORY}/it's.lock`} 9; flock -n 9 || answer held`;
    expect(host.run(taken).map(({ key }) => key)).toEqual(["held"]);
    expect(mode(DIRECTORY)).toBe("700");
  });

  test("ends the script if there can be no such file, also in a condition", () => {
    const none = sh`if lock_open ${`${DIRECTORY}/none/web.lock`} 9; then :; fi; echo later`;
    expect(host.ended(none)).toMatchObject({ stdout: "" });
  });
});
