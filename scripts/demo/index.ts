import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { canRunHosts } from "../../test/support/hosts";
import { walk } from "./walk";

const USAGE = `npm run demo -- [--host ssh://USER@SERVER] [--keep] [--fresh]

Boots a Debian machine with a real \`pulumi up\`, changes it, and removes it again.

  --host HOST  a Debian server of yours: ssh://user@server, an alias of ~/.ssh/config, or "local"
               (without it: a disposable host on this machine, which needs Linux and root)
  --keep       leave everything running at the end, with lines on how to get in and how to remove it
  --fresh      build the machine's root from packages, even if an earlier demo kept what it built
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: "string" },
      keep: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const possible = canRunHosts();
  if (values.host === undefined && !possible.ok) {
    console.error(`${possible.reason}. Use your own Debian server: npm run demo -- --host ssh://USER@SERVER`);
    process.exitCode = 1;
    return;
  }
  const work = await mkdtemp(join(tmpdir(), "pulumi-nspawn-demo-"));
  try {
    await walk(values, work);
  } finally {
    if (!values.keep) await rm(work, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
