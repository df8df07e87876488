import { type Context, type Created, type Lifecycle, UNKNOWN, UnfinishedError } from "../../dynamic";
import { expectHost, identify } from "../../host/identity";
import { forgetInventory, inventory } from "../../host/inventory";
import { describeProgress } from "../../host/long-work/build-progress";
import { doLongWork, type LongWork } from "../../host/long-work/transient-unit";
import { resolvedBaseOf } from "../../host/roots/base";
import { buildBase } from "../../host/roots/bootstrap";
import { changeRoot, packageWork } from "../../host/roots/change";
import { createRoot, type RootPlan } from "../../host/roots/create";
import { type Root, rootsOf } from "../../host/roots/generations";
import { removeRoot } from "../../host/roots/remove";
import { sh } from "../../host/sh";
import { type Answer, describeHost, first, HostError, lines, run, type Script, UnreachableError } from "../../remote";
import { targetOf } from "../on-host";
import { removeFrom } from "../removal";
import { adoptRoot } from "./adopt";
import { explainRootError, explainWork } from "./errors";
import {
  maxAgeDaysOf,
  type RootfsInputs,
  type RootfsOutputs,
  type RootfsState,
  rootfsInputs,
  rootfsOutputs,
} from "./inputs";
import { observed, toOutputs } from "./observe";
import { baseOf, birthPlan, customisationChange, packageChange } from "./plan";
import { refuseDataLoss } from "./refuse";

/** A base that vanished while it was on its way into a root is built once more, a lost connection is made anew. */
const ATTEMPTS = 3;

/** @internal */
export const rootfsLifecycle: Lifecycle<RootfsInputs, RootfsOutputs> = {
  kind: "DebianRootfs",
  version: 1,
  inputs: rootfsInputs,
  outputs: rootfsOutputs,
  derive: ({ name }) => ({ path: typeof name === "string" && name !== UNKNOWN ? pathOf(name) : name }),
  claims: ({ host, name }) => [`the root "${name}" on ${describeHost(host.connection)}`],
  refuse: refuseDataLoss,
  adopt: adoptRoot,
  create,
  update,
  read: async (_id, state) => {
    const answers = await inventory(targetOf(state));
    expectHost(place(state, "look at"), answers, state.machineId);
    const root = rootsOf(answers).find(({ name, generation, marker, path }) => {
      const same = name === state.name && generation === state.generation && marker.owner === state.owner;
      return same && marker.complete && path !== undefined;
    });
    return root === undefined ? "gone" : observed(state, root);
  },
  delete: remove,
};

function pathOf(name: string): string {
  return `/var/lib/machines/${name}`;
}

async function create(inputs: RootfsInputs, context: Context): Promise<Created<RootfsOutputs>> {
  const plan = birthPlan(inputs, context);
  const clock = new Clock(inputs.timeouts.create);
  for (let attempt = 1; ; attempt++) {
    const answers = await instantiate(inputs, plan, clock, context, attempt < ATTEMPTS);
    const [root] = rootsOf(answers, "root-made");
    if (root !== undefined) {
      const id = `${root.name}@${root.generation}`;
      const outputs = toOutputs(root, first(answers, "machine-id") ?? "", inputs);
      return { id, outputs: wasAdopted(root, plan) ? await complete(id, inputs, outputs, context) : outputs };
    }
    const key = first(answers, "base-missing");
    if (key !== undefined) await build(inputs, key, answers, clock, context);
    if (attempt >= ATTEMPTS)
      throw new HostError({ ...place(inputs, "make"), happened: "its base vanished again and again" });
  }
}

/** A root that was made by hand tells no builder, and one of another resource keeps its generation. */
function wasAdopted(root: Root, plan: RootPlan): boolean {
  return plan.adopt && (root.marker.builtWith === "" || root.generation !== plan.generation);
}

/** What the program gives an adopted root beside what it had: the same as a change of a root of ours. */
async function complete(
  id: string,
  inputs: RootfsInputs,
  outputs: RootfsOutputs,
  context: Context,
): Promise<RootfsOutputs> {
  const packages = inputs.packages.filter((name) => name in outputs.installedPackages);
  const bare = { ...inputs, ...outputs, packages, files: [] };
  for (const key of ["hostname", "locale", "timezone", "rootPassword", "authorizedKeys"] as const) delete bare[key];
  try {
    return await update(id, bare, inputs, context);
  } catch (error) {
    throw new UnfinishedError(id, outputs, error instanceof Error ? error : new Error(String(error)));
  }
}

/** The owner id of the plan tells a root that was finished although its answer was lost from one of another create. */
async function instantiate(
  inputs: RootfsInputs,
  plan: RootPlan,
  clock: Clock,
  context: Context,
  again: boolean,
): Promise<Answer[]> {
  let heard = false;
  try {
    return await onRoot(inputs, "make", lines([identify(undefined), createRoot(plan)]), clock, context, () => {
      heard = true;
    });
  } catch (error) {
    if (error instanceof UnreachableError && heard && again) return [];
    throw error;
  }
}

async function build(
  inputs: RootfsInputs,
  key: string,
  answers: readonly Answer[],
  clock: Clock,
  context: Context,
): Promise<void> {
  const base = resolvedBaseOf(baseOf(inputs), answers);
  await work(inputs, "make", clock, context, {
    unit: `pulumi-nspawn-base-${key}`,
    description: `Build the base ${base.suite} ${base.arch} for machines`,
    done: sh`cache_has ${key} ${maxAgeDaysOf(inputs.cache)}`,
    script: buildBase(base, key),
  });
}

async function update(_id: string, state: RootfsState, inputs: RootfsInputs, context: Context): Promise<RootfsOutputs> {
  if (inputs.arch !== undefined && inputs.arch !== state.architecture) {
    throw new HostError({
      ...place(inputs, "change"),
      happened: `its architecture is ${state.architecture}, and cannot become ${inputs.arch}`,
      advice: "Make another DebianRootfs with another name, or replace this one: pulumi up --target-replace URN.",
    });
  }
  const clock = new Clock(inputs.timeouts.update);
  const packages = packageChange(state, inputs);
  if (packages !== undefined) {
    await work(inputs, "change packages in", clock, context, packageWork(state, packages, state, state.machineId));
  }
  const change = lines([identify(state.machineId), changeRoot(state, customisationChange(state, inputs))]);
  const answers = await onRoot(inputs, "change", change, clock, context);
  return toOutputs(onlyRoot(inputs, answers), state.machineId, inputs);
}

function onlyRoot(inputs: RootfsInputs, answers: readonly Answer[]): Root {
  const [root] = rootsOf(answers, "root-made");
  if (root === undefined)
    throw new HostError({ ...place(inputs, "change"), happened: "the host did not tell what it is now" });
  return root;
}

async function remove(_id: string, state: RootfsState, context: Context): Promise<void> {
  const script = lines([identify(state.machineId), removeRoot(state)]);
  await removeFrom(state, "root", context, async () => {
    await onRoot(state, "remove", script, new Clock(state.timeouts.delete), context);
  });
}

async function work(inputs: RootfsInputs, verb: string, clock: Clock, context: Context, long: LongWork): Promise<void> {
  const target = targetOf(inputs);
  forgetInventory(target);
  const result = await doLongWork(target, long, {
    attempt: place(inputs, verb).attempted,
    timeoutSeconds: clock.seconds(),
    onAnswer: (answer) => tellProgress(answer, context),
  }).catch((error: unknown) => {
    throw explainRootError(inputs, error);
  });
  if (!result.ok) throw explainWork(inputs, place(inputs, verb), result);
}

async function onRoot(
  inputs: RootfsInputs,
  verb: string,
  script: Script,
  clock: Clock,
  context: Context,
  onAnswer: (answer: Answer) => void = () => undefined,
): Promise<Answer[]> {
  const target = targetOf(inputs);
  forgetInventory(target);
  try {
    return await run(target, script, {
      attempt: place(inputs, verb).attempted,
      timeoutSeconds: clock.seconds(),
      onAnswer: (answer) => {
        tellProgress(answer, context);
        onAnswer(answer);
      },
    });
  } catch (error) {
    throw explainRootError(inputs, error);
  }
}

function tellProgress(answer: Answer, context: Context): void {
  const text = describeProgress(answer);
  if (text !== undefined) context.progress(text);
}

function place(inputs: RootfsInputs, verb: string): { attempted: string; host: string } {
  return { attempted: `${verb} the root "${inputs.name}"`, host: describeHost(inputs.host.connection) };
}

/** What is left of the seconds that an operation of several parts was given. */
class Clock {
  private readonly until: number;

  constructor(seconds: number) {
    this.until = Date.now() + seconds * 1000;
  }

  seconds(): number {
    return Math.max(1, Math.ceil((this.until - Date.now()) / 1000));
  }
}
