import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { disposing } from "../faults/disposing";
import { root } from "../support/root";
import { Results } from "./results";
import { replay } from "./run-sequence";
import { shrinkFailures } from "./shrink-failures";
import { soak } from "./soak";
import { sequenceSchema } from "./step";
import { runnerOn } from "./step-runner";
import { World } from "./world";

const MINUTE_MS = 60_000;

const USAGE = `npm run soak -- [--minutes 60] [--seed S] [--hosts 4] [--shrink-minutes 30] [--results DIRECTORY]
npm run soak -- --replay FILE

Runs one stack for several real hosts through random programs, with faults and reboots, and checks after each step that
state, hosts and program agree. The exit status is 1 if a step failed.

  --minutes         no step begins after that; then everything is destroyed (default 60)
  --seed            chooses all steps (default: a random one, which is printed)
  --hosts           how many hosts (default 4)
  --shrink-minutes  how long to look for the shortest sequence of steps that fails as well (default 30, 0 for none)
  --results         where results are kept (default results/soak)
  --replay          runs the steps in a file, from fresh hosts
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "60" },
      seed: { type: "string", default: `${Math.floor(Math.random() * 1_000_000)}` },
      hosts: { type: "string", default: "4" },
      "shrink-minutes": { type: "string", default: "30" },
      results: { type: "string", default: join(root, "results", "soak") },
      replay: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.replay !== undefined) {
    await replayFile(values.replay, values.results);
    return;
  }
  const [seed, hosts] = [values.seed, Math.max(1, Math.ceil(numberIn("hosts", values.hosts)))];
  const minutes = numberIn("minutes", values.minutes);
  const shrinkMinutes = numberIn("shrink-minutes", values["shrink-minutes"]);
  console.error(`seed ${seed}, ${hosts} hosts, ${minutes} minutes`);
  const results = await Results.in(values.results, `seed-${seed}`, hosts);
  const world = await World.make(hosts);
  const runner = runnerOn(world);
  await disposing(world, async (isInterrupted) => {
    const options = { seed, deadline: Date.now() + minutes * MINUTE_MS, isInterrupted };
    const failures = await soak(runner, options, results, console.error);
    if (isInterrupted()) return;
    if (failures.length > 0) process.exitCode = 1;
    console.error(`${failures.length} steps failed; results in ${results.file}`);
    const until = Date.now() + shrinkMinutes * MINUTE_MS;
    for (const sequence of await shrinkFailures(runner, failures, until, results, console.error))
      console.log(JSON.stringify(sequence));
  });
}

async function replayFile(file: string, directory: string): Promise<void> {
  const { hosts, steps } = sequenceSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const results = await Results.in(directory, "replay", hosts);
  const world = await World.make(hosts);
  await disposing(world, async () => {
    const problems = await replay(runnerOn(world), steps, console.error, (step, ran) => results.add(step, ran));
    console.error(`${problems.length === 0 ? "no step failed" : "a step failed"}; results in ${results.file}`);
    if (problems.length > 0) process.exitCode = 1;
  });
}

function numberIn(option: string, text: string): number {
  const number = Number(text);
  if (text === "" || !(number >= 0)) throw new Error(`--${option} "${text}" is no number from 0 on`);
  return number;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
