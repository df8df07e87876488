import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sh } from "../../../provider/host/sh";
import { lines, prelude } from "../../../provider/remote";
import { type TestHost, up } from "../../support/hosts";
import { BuiltBases } from "../../support/hosts/built-bases";

let host: TestHost;
let directory: string;
let bases: BuiltBases;

beforeAll(async () => {
  host = await up({ name: "built-bases", suite: "trixie", filesystem: "btrfs" });
  directory = await mkdtemp(join(tmpdir(), "built-bases-"));
  bases = new BuiltBases(directory);
});
afterAll(async () => {
  await host?.down();
  await rm(directory, { recursive: true, force: true });
});

const cache = "/var/lib/machines/.pulumi-cache";

test("a base that one host built is brought into another host's cache, where a root can be made from it", async () => {
  await host.sh(`mkdir ${cache} && cd ${cache} && btrfs subvolume create abc && echo base >abc/what && chown 7:8 abc/what
    btrfs property set -ts abc ro true && touch abc.built abc.lock && echo '{}' >abc.json`);
  expect(await bases.take(host)).toBe(1);
  expect(await bases.take(host)).toBe(0);
  expect((await readdir(directory)).sort()).toEqual(["abc.built", "abc.json", "abc.tar"]);

  await host.sh(`cd ${cache} && btrfs property set -ts abc ro false && btrfs subvolume delete abc && rm -r ${cache}`);
  expect(await bases.bring(host)).toBe(1);
  const copy = sh`cache_has abc 7 && cache_copy abc /var/lib/machines/copy && stat -c %u:%g /var/lib/machines/copy/what`;
  expect(await host.sh(lines([prelude, copy]).text)).toBe("7:8\n");
  expect(await bases.take(host)).toBe(0);
});

test("a base that is too old for a root is not brought, and is removed", async () => {
  const old = Date.now() / 1000 - 8 * 86_400;
  await utimes(join(directory, "abc.built"), old, old);
  expect(await bases.bring(host)).toBe(0);
  expect(await readdir(directory)).toEqual([]);
});
