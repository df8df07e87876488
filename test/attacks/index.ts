import { parseArgs } from "node:util";
import { closeAll, messageOf, visible } from "../../provider/remote";
import { disposing } from "../faults/disposing";
import { type Suite, suites } from "../support/hosts";
import { type Attack, launch } from "./attack";
import { outputAttacks } from "./output";
import { OutputGround } from "./output/ground";
import { loopback } from "./output/loopback";
import { type Outcome, tableOf } from "./table";
import { treeAttacks } from "./tree";
import { TreeGround } from "./tree/ground";

const USAGE = `npm run attack -- [--generation trixie] [--only TEXT] [--list]

Has a hostile guest attack its host, on real hosts of each generation, and prints what it tried and what came of it. The
exit status is 1 if one attack got through.

  --generation  only this one of ${suites.join(", ")}; several may be given
  --only        only attacks whose name contains this text; several may be given
  --list        prints the attacks, and runs nothing
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      generation: { type: "string", multiple: true },
      only: { type: "string", multiple: true },
      list: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const isWanted = ({ name }: { readonly name: string }) => values.only?.some((text) => name.includes(text)) ?? true;
  if (values.list) {
    for (const { name } of [...treeAttacks, ...onStack].filter(isWanted)) console.log(name);
    return;
  }
  const outcomes: Outcome[] = [];
  for (const suite of suites.filter((one) => values.generation?.includes(one) ?? true)) {
    outcomes.push(...(await launched(suite, TreeGround.make, treeAttacks.filter(isWanted))));
    outcomes.push(...(await launched(suite, OutputGround.make, onStack.filter(isWanted))));
  }
  console.log(tableOf(outcomes));
  const broken = outcomes.filter(({ held }) => !held).length;
  console.log(`\n${outcomes.length} attacks, ${broken} got through`);
  if (broken > 0 || outcomes.length === 0) process.exitCode = 1;
}

const onStack: readonly Attack<OutputGround>[] = [...outputAttacks, loopback];

/** Launches attacks one after the other on a host that they share. */
async function launched<Ground extends { dispose(): Promise<void> }>(
  suite: Suite,
  make: (suite: Suite) => Promise<Ground>,
  attacks: readonly Attack<Ground>[],
): Promise<Outcome[]> {
  if (attacks.length === 0) return [];
  const outcomes: Outcome[] = [];
  const ground = await make(suite);
  await disposing(ground, async (isInterrupted) => {
    for (const attack of attacks) {
      if (isInterrupted()) return;
      const outcome = await outcomeOf(suite, attack, ground);
      console.error(`${suite}: ${attack.name}: ${outcome.held ? "held" : `BROKEN: ${outcome.what}`}`);
      outcomes.push(outcome);
    }
  });
  return outcomes;
}

async function outcomeOf<Ground>(suite: Suite, attack: Attack<Ground>, ground: Ground): Promise<Outcome> {
  const about = { generation: suite, attack: attack.name, tried: attack.tries };
  try {
    const figures = await launch(attack, ground);
    return { ...about, held: true, what: figures === undefined ? attack.held : `${attack.held}: ${figures}` };
  } catch (error) {
    return { ...about, held: false, what: visible(messageOf(error)) };
  }
}

main()
  .catch((error: unknown) => {
    console.error(messageOf(error));
    process.exitCode = 1;
  })
  .finally(closeAll);
