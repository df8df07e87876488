import { cacheDirectory } from "../../scripts/tools/cache";
import { withLock } from "../../scripts/tools/lock";
import { type HostOptions, type Suite, type TestHost, up } from "./hosts";
import { BuiltBases } from "./hosts/built-bases";
import { Roots } from "./roots";

/**
 * Boots a host whose cache has the base of a plain root of a release. Only the first host of a generation builds it.
 * For tests of what comes after the bootstrap.
 */
export async function upWithBase(options: HostOptions, suite: Suite = "trixie"): Promise<TestHost> {
  const host = await up(options);
  const directory = cacheDirectory("test-bases", `${suite}-on-${options.suite}`);
  await withLock(`${directory}.lock`, async () => {
    const bases = new BuiltBases(directory);
    if ((await bases.bring(host)) > 0) return;
    const roots = new Roots(host);
    await roots.delete(await roots.create({ name: "base", suite }));
    await bases.take(host);
  });
  return host;
}

/** Boots a host whose cache has the bases that an earlier host of this name built and {@link keepBases} kept. */
export async function upWithKeptBases(options: HostOptions): Promise<TestHost> {
  const host = await up(options);
  await withKept(options.name, (bases) => bases.bring(host));
  return host;
}

/** Keeps what a host has built for the next host of this name, in another run. */
export async function keepBases(host: TestHost): Promise<void> {
  await withKept(host.name, (bases) => bases.take(host));
}

function withKept<T>(name: string, use: (bases: BuiltBases) => Promise<T>): Promise<T> {
  const directory = cacheDirectory("test-bases", `of-${name}`);
  return withLock(`${directory}.lock`, () => use(new BuiltBases(directory)));
}
