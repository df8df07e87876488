import { execFileSync } from "node:child_process";
import { hostArgument, jumpArgument, plainArgument, sshConfigEntry, userArgument } from "../../../provider/remote";
import { NoOracle } from "../../fuzz/no-oracle";
import { type Oracles, runHere } from "../../fuzz/oracles";
import { WRITERS } from "../../fuzz/writers";
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

const SSH = /^ssh_config|^arguments of ssh|^known_hosts|^commands in messages/;
const oracles: Oracles = { here: runHere, host: () => Promise.reject(new NoOracle("no host here")) };

test.each(WRITERS.filter(({ name }) => SSH.test(name)))("$name: what is written is read as it was", async (writer) => {
  const { cases, accepted, difference, missing } = await writer.fuzz(oracles, 1, 100);
  expect([cases, difference, missing]).toEqual([100, undefined, undefined]);
  expect(accepted).toBeGreaterThan(0);
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
