import { explained } from "../../../provider/host/refusals";
import { CommandError, RefusedError } from "../../../provider/remote";

const place = { attempted: 'make the root "web"', host: "root@web1:22" };
const images = " 0 1000 900 ext4 /dev/vdb /var/lib/machines";

/** What the user reads about a script that ended with an exit status. */
function message(stderr: string, disks = ""): string {
  const parts = { ...place, happened: "the script ended with exit status 2", details: stderr };
  const error = explained(new CommandError(parts, 2, stderr, disks), [], {});
  return error instanceof Error ? error.message : "";
}

test.each([
  ["touch: cannot touch '/etc/x': Read-only file system", /read-only\..*findmnt -O ro/],
  ["cat: /var/lib/machines/x: Input/output error", /the host's disk has errors\..*dmesg/],
  ["sh: 1: Cannot fork", /can start no more processes\..*pid_max/],
  ["tar: Cannot allocate memory", /no memory left\..*`parallel`/],
  ["inotify_init: Too many open files", /inotify.*max_user_instances/],
  ["Failed to connect to system scope bus via local transport: Connection refused", /D-Bus does not answer.*dbus/],
  ["Failed to get properties: Connection timed out", /D-Bus does not answer/],
  [
    "Failed to start systemd-nspawn@web.service: Unit systemd-nspawn@web.service is masked.",
    /@web\.service is masked.*unmask systemd-nspawn@web\.service$/m,
  ],
  ["sh: 12: nft: not found", /the program nft is missing.*Install/],
  ["sh: 12: eval: btrfs: Permission denied", /the program btrfs is missing/],
])("what the host says of itself is explained: %s", (stderr, expected) => {
  expect(message(stderr)).toMatch(expected);
  expect(message(stderr)).not.toContain("exit status");
  expect(message(stderr)).toContain(`  ${stderr}`);
});

test("a full disk is named, and only the last lines say so", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `tar: ${index}: Cannot write: No space left on device`);
  const text = message(lines.join("\n"), images);
  expect(text).toContain('could not make the root "web" on root@web1:22: the file system /var/lib/machines (/dev/vdb');
  expect(text.split("\n").slice(1)).toEqual(lines.slice(-3).map((line) => `  ${line}`));
});

test("a refusal because of a full disk is about the disk", () => {
  const parts = {
    ...place,
    happened: "it was refused (customise)",
    details: "sh: 3: cannot create /etc/x: No space left on device",
  };
  const refusals = { customise: () => ({ happened: "a setting could not be applied", advice: "Output:" }) };
  const error = explained(new RefusedError(parts, "customise", [], images), [refusals], {});
  expect(error).toMatchObject({ message: expect.stringContaining("/var/lib/machines (/dev/vdb, ext4) is full") });
});

test("a bare exit status has advice, with or without last words", () => {
  expect(message("tar: Unexpected EOF in archive")).toMatch(
    /ended with exit status 2\. Run `pulumi up` again: what is already done is found and kept\. Its last words:\n {2}tar: Unexpected EOF/,
  );
  expect(message("")).toMatch(/exit status 2\. Run `pulumi up` again.*journalctl -n 50\.$/);
});
