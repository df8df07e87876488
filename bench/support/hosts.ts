import type { Log } from "../../scripts/tools/log";
import { upWithBase } from "../../test/support/bases";
import type { TestHost } from "../../test/support/hosts";

/** A host that has the base of a plain bookworm in its cache, for the duration of the work. */
export async function onHost<T>(log: Log, work: (host: TestHost) => Promise<T>): Promise<T> {
  const host = await upWithBase({ name: "bench", suite: "bookworm", filesystem: "ext4", log }, "bookworm");
  try {
    return await work(host);
  } finally {
    await host.down();
  }
}
