import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sh } from "../../../../provider/host/sh";
import { lines, parseAnswer, prelude, type Script } from "../../../../provider/remote";
import { boundsOf } from "../../../../provider/systemd/subnet";
import { ended, output } from "../../support/processes";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "leases-"));
  for (const name of ["leases", "nft", "machines"]) mkdirSync(join(directory, name));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs the functions on the test's own directories. */
function script(text: Script): string {
  const at = (name: string) => join(directory, name);
  const places = sh`leases=${at("leases")}; lease_nft=${at("nft")}; lease_machines=${at("machines")}; systemctl() { return 1; }; set -eu`;
  return lines([prelude, places, text]).text;
}

function shell(text: Script): string {
  return output(["sh", "-c", script(text)]).trim();
}

function refused(text: Script): readonly string[] {
  const { stdout } = ended(["sh", "-c", script(text)]);
  return parseAnswer(stdout.trim())?.values ?? [];
}

const find = (machine: string, subnet = "10.42.1.0/24") => {
  const { first, last } = boundsOf(subnet);
  return sh`lease_find dev ${machine} ${first} ${last}; echo "$lease_address"`;
};
const take = (machine: string, address: string) => sh`lease_take dev ${machine} ${address}`;
const exists = (machine: string) => writeFileSync(join(directory, "machines", `${machine}.json`), "{}");
const part = (machine: string, address: string) =>
  writeFileSync(join(directory, "nft", `60-dev.${machine}.nft`), `# Managed.\n# address ${address}\n`);
const leases = () =>
  readFileSync(join(directory, "leases", "dev.leases"), "utf8")
    .trim()
    .split("\n");

test("machines get free addresses, those of the upper half first, and the same ones again", () => {
  expect(["one", "two", "my.box", "two"].map((machine) => shell(find(machine)))).toEqual([
    "10.42.1.128",
    "10.42.1.129",
    "10.42.1.130",
    "10.42.1.129",
  ]);
  const all = ["a", "b", "c", "d", "e"].map((machine) => shell(find(machine, "10.43.0.0/29")));
  expect(all).toEqual(["10.43.0.4", "10.43.0.5", "10.43.0.6", "10.43.0.2", "10.43.0.3"]);
});

test("addresses beyond 31 bits are distinguished", () => {
  expect(["one", "two", "one"].map((machine) => shell(find(machine, "192.168.200.0/21")))).toEqual([
    "192.168.204.0",
    "192.168.204.1",
    "192.168.204.0",
  ]);
});

test("a requested address is not taken from a machine that exists", () => {
  shell(take("one", "10.42.1.128"));
  exists("one");
  expect(refused(take("two", "10.42.1.128"))).toEqual(["address-taken", "10.42.1.128", "one"]);
  expect(shell(find("two"))).toBe("10.42.1.129");
  shell(take("one", "10.42.1.9"));
  expect(leases()).toEqual(["10.42.1.129 two", "10.42.1.9 one"]);
  expect(shell(find("three"))).toBe("10.42.1.128");
});

test("an address of a machine that is gone can be requested", () => {
  shell(find("gone"));
  shell(take("two", "10.42.1.128"));
  expect(leases()).toEqual(["10.42.1.128 two"]);
  expect(shell(find("gone"))).toBe("10.42.1.129");
});

test("a full pool gives the address that was unused longest, and never one that a machine has", () => {
  const small = "10.42.1.0/29";
  for (const machine of ["a", "b", "c", "d", "e"]) shell(find(machine, small));
  for (const machine of ["a", "c", "e"]) exists(machine);
  shell(sh`lease_rest b`);
  expect(shell(find("new", small))).toBe("10.42.1.2");
  exists("new");
  expect(shell(find("newer", small))).toBe("10.42.1.5");
  exists("newer");
  expect(refused(find("newest", small))).toEqual(["pool-full", "dev"]);
});

test("the address in a machine's part of the table counts if the list was lost", () => {
  part("one", "10.42.1.128");
  exists("one");
  expect(shell(find("two"))).toBe("10.42.1.129");
  expect(refused(take("two", "10.42.1.128"))).toEqual(["address-taken", "10.42.1.128", "one"]);
  expect(shell(find("one"))).toBe("10.42.1.128");
});

test("another subnet keeps the leases that are in it", () => {
  for (const [machine, address] of [
    ["one", "10.42.1.130"],
    ["two", "10.42.1.131"],
    ["near", "10.42.1.20"],
  ] as const) {
    shell(take(machine, address));
  }
  const { first, last } = boundsOf("10.42.1.128/25");
  shell(sh`lease_prune dev ${first} ${last}`);
  expect(leases()).toEqual(["10.42.1.130 one", "10.42.1.131 two"]);
  expect(shell(find("two", "10.43.0.0/24"))).toBe("10.43.0.128");
});
