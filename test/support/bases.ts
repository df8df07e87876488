import { cacheDirectory } from "../../scripts/tools/cache";
import { withLock } from "../../scripts/tools/lock";
import { type HostOptions, type Suite, type TestHost, up } from "./hosts";
import { BuiltBases } from "./hosts/built-bases";
import { Roots } from "./roots";

/**
 * Boots a host that has the base of a plain root of a release in its cache, which only the first host of a generation builds. For tests
 * of what comes after the bootstrap.
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
