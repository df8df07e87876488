import { parseArgs } from "node:util";
import { canRunHosts, type Suite, suites, type TestHost, up } from "../support/hosts";
import type { Tally, Writer } from "./fuzz";
import { NoOracle } from "./no-oracle";
import { type HostOracle, hostOracle, type Oracles, runHere } from "./oracles";
import { WRITERS } from "./writers";

const USAGE = `npm run fuzz -- [--seed N] [--cases N] [--only WRITER] [--suite SUITE] [--list]

  --seed     chooses the cases; another one each day if it is not given
  --cases    how many there are in all; 200,000 at least if it is not given
  --only     writers with this text in their names
  --suite    of the host whose programs read: ${suites.join(", ")}; trixie if it is not given
  --list     the writers, and the programs that read what they write`;

const WHOLE = WRITERS.reduce((sum, { share }) => sum + share, 0);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(Math.floor(Date.now() / 86_400_000)) },
      cases: { type: "string", default: String(WHOLE) },
      only: { type: "string", default: "" },
      suite: { type: "string", default: "trixie" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const chosen = WRITERS.filter(({ name }) => name.includes(values.only));
  if (values.help || chosen.length === 0) return console.log(USAGE);
  if (values.list) return print(chosen.map(({ name, functions, program }) => [name, functions, program]));
  const [seed, cases] = [numberIn("seed", values.seed), numberIn("cases", values.cases)];
  const suite = suites.find((one) => one === values.suite);
  if (suite === undefined) throw new Error(`--suite "${values.suite}" is none of ${suites.join(", ")}`);
  console.log(`seed ${seed}, host ${suite}`);
  await fuzzAll(chosen, seed, cases, suite);
}

async function fuzzAll(writers: readonly Writer[], seed: number, cases: number, suite: Suite): Promise<void> {
  const booted: TestHost[] = [];
  let host: Promise<HostOracle> | undefined;
  const boot = async () => {
    const possible = canRunHosts();
    if (!possible.ok) throw new NoOracle(possible.reason);
    const made = await up({ name: "fuzz", suite });
    booted.push(made);
    return hostOracle(made);
  };
  const oracles: Oracles = {
    here: runHere,
    host: () => {
      host ??= boot();
      return host;
    },
  };
  const tallies: Tally[] = [];
  try {
    print([["writer", "cases", "accepted", "refused", "differences", "seconds"]]);
    const whole = writers.reduce((sum, { share }) => sum + share, 0);
    for (const writer of writers) {
      const begun = Date.now();
      const tally = await writer.fuzz(oracles, seed, Math.ceil((cases * writer.share) / whole));
      tallies.push(tally);
      print([row(tally, (Date.now() - begun) / 1000)]);
    }
  } finally {
    for (const made of booted) await made.down();
  }
  conclude(tallies, seed);
}

function row({ writer, cases, accepted, refused, difference, missing }: Tally, seconds: number): string[] {
  const differences = missing !== undefined ? "no program" : difference === undefined ? "0" : "1";
  return [writer, `${cases}`, `${accepted}`, `${refused}`, differences, seconds.toFixed(0)];
}

function conclude(tallies: readonly Tally[], seed: number): void {
  const sum = (key: "cases" | "accepted" | "refused") => tallies.reduce((total, tally) => total + tally[key], 0);
  const bad = tallies.filter(({ difference, missing }) => difference !== undefined || missing !== undefined);
  print([["all", ...(["cases", "accepted", "refused"] as const).map((key) => `${sum(key)}`), `${bad.length}`, ""]]);
  for (const { writer, accepted, difference, missing } of tallies) {
    if (missing !== undefined) console.log(`\n${writer}: no program to read it: ${missing}`);
    else if (difference !== undefined) {
      console.log(`\n${writer}: the smallest value is\n  ${difference.value}\nand it is ${difference.what}`);
      console.log(`Again: npm run fuzz -- --seed ${seed} --only '${writer}'`);
    } else if (accepted === 0) console.log(`\n${writer}: refused every value, so nothing was tried`);
    else continue;
    process.exitCode = 1;
  }
}

function print(rows: readonly (readonly string[])[]): void {
  const widths = [40, 9, 9, 9, 12, 8];
  for (const cells of rows)
    console.log(
      cells
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join(" ")
        .trimEnd(),
    );
}

function numberIn(option: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw new Error(`--${option} "${text}" is no whole number`);
  return number;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
