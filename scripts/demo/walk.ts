import { delimiter, join } from "node:path";
import { duration } from "../tools/log";
import { ensurePulumi } from "../tools/pulumi";
import { compare } from "./comparison";
import { disposableHost, type Ground, keepBases, serverOfTheUser } from "./ground";
import { Pulumi } from "./pulumi";
import { paint, say, show, step } from "./steps";

export interface Options {
  /** The user's server; without it the demo creates its own host. */
  readonly host?: string;
  readonly keep: boolean;
  readonly fresh: boolean;
}

const STACK = ["--stack", "demo"];
const UP = ["up", "--yes", "--skip-preview", ...STACK];
const root = join(__dirname, "..", "..");

/** Walks through everything that a user does with a machine. `work` is a directory for the stack's state. */
export async function walk({ host, keep, fresh }: Options, work: string): Promise<void> {
  const started = Date.now();
  const { bin } = await step("The Pulumi CLI", () => ensurePulumi(say));
  const ground = host === undefined ? await disposableHost(work, keep, fresh) : serverOfTheUser(host);
  const path = [bin, ...(ground.programs === undefined ? [] : [ground.programs])].join(delimiter);
  const pulumi = await Pulumi.open(root, work, path, ground.home);
  await pulumi.ask("stack", "init", "demo");
  await pulumi.ask("config", "set", "host", ground.name, ...STACK);

  await prepare(ground, pulumi);
  const before = await step("The host before the demo", () => ground.server.snapshot(host !== undefined));
  let whole = false;
  try {
    await machine(ground, pulumi);
    whole = true;
  } finally {
    if (!keep || !whole) {
      await step("pulumi destroy", () => pulumi.run("destroy", "--yes", "--skip-preview", "--remove", ...STACK));
    }
  }
  if (ground.disposable !== undefined) {
    const { disposable } = ground;
    await step("Keeping what was built for the next demo", () => keepBases(disposable));
  }
  if (keep) await tellHowToGoOn(ground, pulumi, work);
  else await leave(ground, before);
  console.log(`\n${paint("bold", `The demo took ${duration(Date.now() - started)}.`)}`);
}

/** What a server lacks is installed permanently, so it is shown separately from what the demo removes again. */
async function prepare({ server }: Ground, pulumi: Pulumi): Promise<void> {
  const lacking = await step("What the host lacks", async () => {
    const found = await server.preflightProblems();
    show(found.length === 0 ? "nothing" : found.join("\n"));
    return found;
  });
  if (lacking.length === 0) return;
  await step("pulumi up, of the host alone: it gets what it lacks, permanently", () =>
    pulumi.run(...UP, "--target", "**Host::server"),
  );
}

async function machine({ server }: Ground, pulumi: Pulumi): Promise<void> {
  await step("pulumi up: creates a root, boots a machine", () => pulumi.run(...UP));
  await step("A command inside the machine", async () => show(await server.inMachine("mydebian", ["hostnamectl"])));
  await step("pulumi up again: nothing to do", () => pulumi.run(...UP, "--expect-no-changes"));
  await step("A live change: the memory limit", () => change(pulumi, "memory", "512MiB"));
  await step("A change that restarts the machine: its host name", () => change(pulumi, "hostname", "renamed"));
  await step("The machine's own answer", async () => show(await server.inMachine("mydebian", ["hostname"])));
}

async function change(pulumi: Pulumi, key: string, value: string): Promise<void> {
  await pulumi.quietly("config", "set", key, value, ...STACK);
  await pulumi.run("preview", "--diff", ...STACK);
  await pulumi.run(...UP);
}

async function leave({ server, disposable }: Ground, before: readonly string[]): Promise<void> {
  await step("The host is as it was, except for its cache of bases", async () => {
    show(compare(before, await server.snapshot(disposable === undefined), disposable === undefined));
  });
  if (disposable !== undefined) await step("Removing the disposable host", () => disposable.down());
}

async function tellHowToGoOn({ server, disposable }: Ground, pulumi: Pulumi, work: string): Promise<void> {
  const enter =
    disposable === undefined
      ? await server.commandToEnter("mydebian")
      : `npm run hosts -- ssh ${disposable.name} -t machinectl shell mydebian`;
  const remove = pulumi.commandLine("destroy", "--yes", "--remove", ...STACK);
  console.log(`\nEverything is left running.\n  Get in:     ${enter}`);
  if (disposable !== undefined) console.log(`  Remove all: npm run hosts -- down ${disposable.name}; rm -r ${work}`);
  else console.log(`  Remove it:  ${remove}\n  and then:   rm -r ${work}`);
}
