import { execFileSync } from "node:child_process";
import fc from "fast-check";
import {
  argument,
  commandLine,
  hostArgument,
  jumpArgument,
  knownHostsLine,
  plainArgument,
  sshConfigEntry,
  userArgument,
} from "../../../provider/remote";
import { publicKeyIn } from "../../../provider/remote/host-keys/write-known-hosts";
import { Directory } from "../../support/ssh/directory";
import { ensureOpenSsh } from "../../support/ssh/openssh";

let directory: Directory;
beforeAll(ensureOpenSsh, 300_000);
beforeEach(() => {
  directory = new Directory();
});
afterEach(() => directory.remove());

/** What ssh reads in an entry, and in one that is not of this host. */
function read(entry: string): { mine: string[]; others: string[] } {
  const file = directory.write("config", entry);
  const of = (host: string) => execFileSync("ssh", ["-T", "-G", "-F", file, host], { encoding: "utf8" }).split("\n");
  return { mine: of("box"), others: of("other") };
}

const attempt = (make: () => string): string | undefined => {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

/** Characters with a meaning to ssh_config or to a shell, among some that have none. */
const nasty = fc.string({
  unit: fc.constantFrom(..." \t\n\r\0\"'\\#=%$`;*?!,~|<>{}()[]:@/-.ab1é".split("")),
  minLength: 1,
  maxLength: 12,
});

test("what is written is read back by ssh as the same value, or refused", () => {
  const neutral = read("").others;
  fc.assert(
    fc.property(nasty, nasty, nasty, (path, command, name) => {
      const entry = attempt(() =>
        sshConfigEntry("box", [
          ["HostName", hostArgument(attempt(() => hostArgument(name).text) === undefined ? "web" : name)],
          ["RevokedHostKeys", argument(`/k${path}`)],
          ["ProxyCommand", commandLine(command)],
        ]),
      );
      if (entry === undefined) return;
      const { mine, others } = read(entry);
      expect(mine).toContain(`revokedhostkeys /k${path}`);
      expect(mine).toContain(`proxycommand ${command.trim()}`);
      expect(others).toEqual(neutral);
    }),
    { numRuns: 150 },
  );
});

test("a host's name, a user and a way over jump hosts are read back as they are", () => {
  const entry = sshConfigEntry("box", [
    ["HostName", hostArgument("fe80::1%eth0")],
    ["User", userArgument("EXAMPLE\\joe")],
    ["ProxyJump", jumpArgument([{ host: "a", user: "x@y", port: 23 }, { host: "fd00::1" }])],
    ["UserKnownHostsFile", plainArgument("/100%/k")],
  ]);
  expect(read(entry).mine).toEqual(
    expect.arrayContaining([
      "hostname fe80::1%eth0",
      "user EXAMPLE\\joe",
      "proxyjump x@y@a:23,[fd00::1]",
      "userknownhostsfile /100%/k",
    ]),
  );
});

test("a line of known_hosts is for its names alone, or refused", () => {
  const text = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKaRC4L7aSPiXV5Yg1BIoIqJq7FSeGZZ9zJRxWLHhL1C";
  const key = publicKeyIn(text, "ssh-ed25519");
  if (key === undefined) throw new Error("no key");
  const found = (file: string, name: string) => {
    try {
      return execFileSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" }).includes(text);
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(nasty, (name) => {
      const line = attempt(() => knownHostsLine([name], key));
      if (line === undefined) return;
      const file = directory.write("known_hosts", line);
      expect(found(file, name)).toBe(true);
      expect(found(file, "another.example.com")).toBe(false);
    }),
    { numRuns: 100 },
  );
});
