import { type Created, UNKNOWN, UnfinishedError } from "../../dynamic";
import { machineIdIn } from "../../host/answered";
import type { Job } from "../../host/jobs/transient-unit";
import { resolvedBaseOf } from "../../host/roots/base";
import { buildBase, discardBuild } from "../../host/roots/bootstrap";
import { BASE_UNIT } from "../../host/roots/cache";
import { changeRoot, packageJob } from "../../host/roots/change-root";
import { createRoot, type RootPlan } from "../../host/roots/create-root";
import { generationsInventory, type Root, rootsOf } from "../../host/roots/generations";
import { markerPath, type RootKey, removeRoot } from "../../host/roots/remove-root";
import { sh } from "../../host/sh";
import { type Answer, describeHost, first, HostError, UnreachableError } from "../../remote";
import { defineOnHost } from "../define-on-host";
import type { Operation } from "../operation";
import { adoptRoot } from "./adopt-root";
import { refuseDataLoss, replacedRoot, warnOfTakingBack } from "./data-loss";
import { explainFailedJob } from "./failed-build";
import { observed, toOutputs } from "./observe-root";
import { packageNotes } from "./package-notes";
import { baseOf, creationPlan, customisationChange, packageChange } from "./root-plans";
import { rootRefusals } from "./root-refusals";
import {
  maxAgeDaysOf,
  type RootfsInputs,
  type RootfsOutputs,
  type RootfsState,
  rootfsInputs,
  rootfsOutputs,
} from "./rootfs-inputs";

/** A base that vanished while a root was being built from it is built once more; a lost connection is opened again. */
const ATTEMPTS = 3;

/** @internal */
export const rootfsHandler = defineOnHost<RootfsInputs, RootfsOutputs>({
  kind: "DebianRootfs",
  version: 1,
  inputs: rootfsInputs,
  outputs: rootfsOutputs,
  describe: ({ name }) => `the root "${name}"`,
  noun: "root",
  refusals: [rootRefusals],
  inventory: generationsInventory,
  computed: (inputs, olds) => ({
    path: typeof inputs.name === "string" && inputs.name !== UNKNOWN ? pathOf(inputs.name) : inputs.name,
    ...replacedRoot(inputs, olds),
  }),
  uniqueKeys: ({ host, name }) => [`the root "${name}" on ${describeHost(host.connection)}`],
  validate: refuseDataLoss,
  warnings: warnOfTakingBack,
  adopt: adoptRoot,
  create,
  update,
  observe: (state, answers) => {
    const root = rootsOf(answers).find(({ name, generation, marker }) => {
      const same = name === state.name && generation === state.generation && marker.owner === state.owner;
      return same && marker.complete;
    });
    return root?.look === undefined ? "gone" : observed(state, root, root.look);
  },
  delete: async (state, operation) => {
    await operation.run("remove", removeRoot(keyOf(state, operation)), { retry: false });
  },
  marker: (state) => ({ path: markerPath(state), owner: state.owner }),
});

function keyOf({ name, generation, owner }: RootfsState, operation: Operation<RootfsInputs>): RootKey {
  return { name, generation, claim: operation.claimOf(owner, { fresh: false }) };
}

function pathOf(name: string): string {
  return `/var/lib/machines/${name}`;
}

async function create(inputs: RootfsInputs, operation: Operation<RootfsInputs>): Promise<Created<RootfsOutputs>> {
  const plan = creationPlan(inputs, operation);
  for (let attempt = 1; ; attempt++) {
    const answers = await instantiate(operation, plan, attempt < ATTEMPTS);
    const [root] = rootsOf(answers, "root-made");
    if (root !== undefined) {
      const id = `${root.name}@${root.generation}`;
      const outputs = toOutputs(root, machineIdIn(answers) ?? "", inputs, operation.errorContext("make"));
      const kept = answers.some((answer) => answer.key === "kept");
      return { id, outputs: kept || wasAdopted(root, plan) ? await complete(id, outputs, operation) : outputs };
    }
    const key = first(answers, "base-missing");
    if (key !== undefined) await build(operation, key, answers);
    if (attempt >= ATTEMPTS)
      throw new HostError({ ...operation.errorContext("make"), happened: "its base vanished repeatedly" });
  }
}

/** A root that was made by hand has no builder recorded, and another resource's root keeps its generation. */
function wasAdopted(root: Root, plan: RootPlan): boolean {
  return plan.claim.adopt && (root.marker.builtWith === "" || root.generation !== plan.generation);
}

/** What the program adds to a root that was there already: the same as an update of our own root. */
async function complete(
  id: string,
  outputs: RootfsOutputs,
  operation: Operation<RootfsInputs>,
): Promise<RootfsOutputs> {
  const { inputs } = operation;
  // Nothing in it counts as asked for before: what somebody else installed stays.
  const bare = { ...inputs, ...outputs, packages: [], files: [] };
  for (const key of ["hostname", "locale", "timezone", "rootPassword", "authorizedKeys"] as const) delete bare[key];
  try {
    return await update(inputs, bare, operation);
  } catch (error) {
    throw new UnfinishedError(id, outputs, error);
  }
}

/** The plan's owner ID distinguishes a root whose success report was lost from the root of another create. */
async function instantiate(operation: Operation<RootfsInputs>, plan: RootPlan, again: boolean): Promise<Answer[]> {
  let heard = false;
  const onAnswer = () => {
    heard = true;
  };
  try {
    return await operation.run("make", createRoot(plan), { retry: false, onAnswer });
  } catch (error) {
    if (error instanceof UnreachableError && heard && again) return [];
    throw error;
  }
}

async function build(operation: Operation<RootfsInputs>, key: string, answers: readonly Answer[]): Promise<void> {
  const { inputs } = operation;
  const base = resolvedBaseOf(baseOf(inputs), answers);
  await runJob(operation, "make", {
    unit: `${BASE_UNIT}${key}`,
    description: `Build the base ${base.suite} ${base.arch} for machines`,
    done: sh`cache_has ${key} ${maxAgeDaysOf(inputs.cache)}`,
    script: buildBase(base, key),
    cleanUp: discardBuild(key),
    restarts: true,
  });
}

async function update(
  inputs: RootfsInputs,
  state: RootfsState,
  operation: Operation<RootfsInputs>,
): Promise<RootfsOutputs> {
  if (inputs.arch !== undefined && inputs.arch !== state.architecture) {
    throw new HostError({
      ...operation.errorContext("change"),
      happened: `its architecture is ${state.architecture}, and cannot be changed to ${inputs.arch}`,
      advice: "Create another DebianRootfs with another name, or replace this one: pulumi up --target-replace URN.",
    });
  }
  const key = keyOf(state, operation);
  const packages = packageChange(state, inputs);
  if (packages !== undefined) {
    await runJob(operation, "change packages in", packageJob(key, packages, state, state.machineId));
  }
  const change = changeRoot(key, customisationChange(state, inputs));
  const answers = await operation.run("change", change, { retry: false });
  if (packages !== undefined) for (const note of packageNotes(answers)) operation.note(note);
  const [root] = rootsOf(answers, "root-made");
  const context = operation.errorContext("change");
  if (root !== undefined) return toOutputs(root, state.machineId, inputs, context);
  throw new HostError({ ...context, happened: "the host did not report the result" });
}

async function runJob(operation: Operation<RootfsInputs>, verb: string, job: Job): Promise<void> {
  const result = await operation.runJob(verb, job);
  if (!result.ok) throw explainFailedJob(operation.inputs, operation.errorContext(verb), result);
}
