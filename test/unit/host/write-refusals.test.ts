import { explained } from "../../../provider/host/refusals";
import { RefusedError } from "../../../provider/remote";

const parts = { attempted: 'start the machine "web"', host: "web1", happened: "it was refused" };
const message = (...values: readonly string[]) => {
  const error = explained(new RefusedError(parts, "not-written", values), [], undefined);
  return error instanceof Error ? error.message : "";
};

test("a full disk is named, with what is free and how to get more", () => {
  expect(message("/etc/systemd/nspawn/web.nspawn", "No space left on device", "/", " 1048576 262144   250000")).toBe(
    'could not start the machine "web" on web1: /etc/systemd/nspawn/web.nspawn could not be written: no space is left on the ' +
      "file system / (1 MiB free). Free some there (`df -h /`, `journalctl --vacuum-size=100M`, `apt-get clean`), and run " +
      "`pulumi up` again. The file is as it was.",
  );
});

test("a disk without inodes is distinguished from a full one, and btrfs, which counts none, is not taken for it", () => {
  // A few are free again as soon as what was not finished is gone.
  for (const free of [0, 1, 12]) {
    expect(message("/var/lib/x", "No space left on device", "/var", `99999999 1000 ${free}`)).toMatch(
      /x could not be written: no inodes are left on the file system \/var\. .*`df -i \/var`/,
    );
  }
  for (const room of ["0 0 0", "0 - -"]) {
    expect(message("/var/lib/x", "No space left on device", "/var", room)).toContain("no space is left on");
  }
});

test("a read-only file system is named, with how to make it writable", () => {
  expect(message("/etc/x", "Read-only file system", "/etc", "")).toMatch(
    /: \/etc\/x could not be written: the file system \/etc is read-only\. .*`mount -o remount,rw \/etc`/,
  );
});

test("any other reason is shown as it is", () => {
  expect(message("/etc/x", "Is a directory", "/", "")).toContain("/etc/x could not be written: Is a directory. See");
});
