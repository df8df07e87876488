import { parseArgs } from "node:util";
import { duration } from "../tools/log";
import { MUTANTS } from "./list";
import { type Noticed, tryHostsRing, tryUnitRing } from "./rings";

/** How many mutants the unit ring must notice, and how many may go unnoticed. */
const BY_UNIT = 30;
const BY_NOTHING = 2;

const USAGE = `npm run mutants -- [--hosts [--all]] [FILE …]

Puts small mistakes into a copy of the code, one at a time, and says which of these mutants the unit ring notices.
The exit status is 1 if it notices fewer than ${BY_UNIT}, or if --hosts leaves more than ${BY_NOTHING} that nothing notices.

  --hosts  those that the unit ring does not notice have to fail their tests on real hosts, a few in a run
  --all    with --hosts: with all tests on real hosts in each run, and not only those that have to fail
  FILE     only mutants in these files, or in files whose paths begin so
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      hosts: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const started = Date.now();
  const chosen = MUTANTS.filter(
    ({ file }) => positionals.length === 0 || positionals.some((path) => file.startsWith(path)),
  );
  const byUnit = await tryUnitRing(chosen, console.error);
  const others = chosen.filter((mutant) => !byUnit.has(mutant));
  const onHosts: Noticed = values.hosts ? await tryHostsRing(others, values.all, console.error) : new Map();
  console.table(
    chosen.map((mutant) => ({
      mutant: mutant.name,
      "noticed by": byUnit.get(mutant) ?? onHosts.get(mutant) ?? "nothing",
    })),
  );
  console.log(`${byUnit.size} of ${chosen.length} mutants noticed by the unit ring`);
  if (values.hosts) console.log(`${onHosts.size} of the other ${others.length} noticed on real hosts`);
  console.log(`in ${duration(Date.now() - started)}`);
  const enough = byUnit.size >= BY_UNIT && (!values.hosts || others.length - onHosts.size <= BY_NOTHING);
  if (positionals.length === 0 && !enough) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
