import { UnfinishedError } from "../../dynamic";
import { machineIdIn } from "../../host/answered";
import { describeProgress } from "../../host/jobs/build-progress";
import { type Claim, randomId } from "../../host/ownership";
import {
  inspectInside,
  markerPath,
  type ProvisionKey,
  provisionJob,
  provisionsInventory,
  removeProvision,
} from "../../host/provision";
import { describeHost, HostError } from "../../remote";
import { defineOnHost } from "../define-on-host";
import type { Operation } from "../operation";
import { explainFailedJob } from "./failed-provision";
import { answersIn, type Inspection, inspectionOf } from "./inspection";
import {
  type ProvisionInputs,
  type ProvisionOutputs,
  type ProvisionState,
  provisionInputs,
  provisionOutputs,
} from "./provision-inputs";
import { planOf, redactor, violations } from "./provision-plan";
import { provisionRefusals } from "./provision-refusals";

/** Seconds for an inspection after the work. */
const INSPECT_SECONDS = 120;

/** Why nobody could look at a machine that runs. What cannot be inspected now is assumed to be unchanged. */
const UNSEEN: Readonly<Partial<Record<Inspection["state"], string>>> = {
  silent: "what was asked inside did not end in time, or printed too much",
  busy: "other work runs in it",
};

/** @internal */
export const provisionHandler = defineOnHost<ProvisionInputs, ProvisionOutputs>({
  kind: "Provision",
  version: 1,
  inputs: provisionInputs,
  outputs: provisionOutputs,
  describe: ({ name }) => `the machine "${name}"`,
  noun: "work inside",
  refusals: [provisionRefusals],
  derived: { results: ["users", "files", "repositories", "steps", "secrets"] },
  inventory: provisionsInventory,
  uniqueKeys: ({ host, name, users, files, repositories }) => {
    const place = `in the machine "${name}" on ${describeHost(host.connection)}`;
    return [
      ...users.map((user) => `the user "${user.name}" ${place}`),
      ...files.map(({ path }) => `the file "${path}" ${place}`),
      ...repositories.map(({ user, directory }) => `the repository "${directory}" of ${user} ${place}`),
    ];
  },
  validate: violations,

  create: async (inputs, operation) => {
    const owner = randomId() + randomId();
    const id = `${inputs.name}@${owner.slice(0, 8)}`;
    return { id, outputs: await ensure(id, operation, operation.claimOf(owner, { fresh: true }), undefined) };
  },

  update: (_inputs, { owner, machineId }, operation, id) =>
    ensure(id, operation, operation.claimOf(owner, { fresh: false }), machineId),

  observe: (state, answers, warn) => {
    const inspection = inspectionOf(answers, state.owner, redactor(state.secrets));
    if (inspection === undefined) return "gone";
    const { results, drift } = inspection;
    const why = UNSEEN[inspection.state];
    if (why !== undefined) {
      warn(`the machine "${state.name}" could not be looked at, because ${why}: its last known state is kept.`);
    }
    return inspection.state === "running" ? { ...state, results, drift } : state;
  },

  delete: remove,
  marker: ({ owner }) => ({ path: markerPath(owner), owner }),
});

/** Create and update do the same. Pulumi keeps work that was started inside, to resume or remove it. */
async function ensure(
  id: string,
  operation: Operation<ProvisionInputs>,
  claim: Claim,
  machineId: string | undefined,
): Promise<ProvisionOutputs> {
  const { owner } = claim;
  const { inputs } = operation;
  const redact = redactor(inputs.secrets);
  const context = operation.errorContext("work in");
  const key: ProvisionKey = { claim, machine: inputs.name };
  // Secrets are taken out of it, but what is secret in other inputs is nobody's name.
  const showsOutput = operation.secretInputs.every((name) => name === "secrets");
  let begun = false;
  try {
    const result = await operation.runJob("work in", provisionJob(key, planOf(inputs), machineId), (answer) => {
      begun = true;
      const text = describeProgress(answer);
      // What a step prints follows its name.
      const shown = text === undefined || showsOutput ? text : text.replace(/: .*/s, "");
      if (shown !== undefined) operation.progress(redact(shown));
    });
    begun = true;
    if (!result.ok) throw explainFailedJob(context, result, redact, { showsOutput });
  } catch (error) {
    if (!begun || !(error instanceof Error)) throw error;
    const seen = await inspect(operation, owner).catch(() => undefined);
    throw new UnfinishedError(id, outputsOf(owner, machineId, seen), error);
  }
  const seen = await inspect(operation, owner);
  const state = seen.inspection?.state;
  if (seen.inspection === undefined || (state !== "running" && state !== "busy")) {
    const happened = "the work is done, but the machine did not report its new state";
    const error = new HostError({ ...context, happened, advice: "Run `pulumi up` again." });
    throw new UnfinishedError(id, outputsOf(owner, machineId, seen), error);
  }
  for (const warning of seen.inspection.warnings) operation.warn(warning);
  return outputsOf(owner, machineId, seen);
}

interface Seen {
  readonly machineId: string | undefined;
  readonly inspection: Inspection | undefined;
}

async function inspect(operation: Operation<ProvisionInputs>, owner: string): Promise<Seen> {
  const answers = await operation.run("look at", inspectInside(owner), { seconds: INSPECT_SECONDS });
  return {
    machineId: machineIdIn(answers),
    inspection: inspectionOf(answers, owner, redactor(operation.inputs.secrets)),
  };
}

function outputsOf(owner: string, machineId: string | undefined, seen: Seen | undefined): ProvisionOutputs {
  return { owner, machineId: machineId ?? seen?.machineId, results: seen?.inspection?.results ?? {} };
}

async function remove(state: ProvisionState, operation: Operation<ProvisionInputs>): Promise<void> {
  const { name, owner, secrets } = state;
  const script = removeProvision({ owner, machine: name });
  const redact = redactor(secrets);
  const warnAs = (text: string) => {
    for (const answer of answersIn(text)) if (answer.key === "warning") operation.warn(redact(answer.values.join(" ")));
  };
  for (const { key, values } of await operation.run("clean up", script)) {
    if (key === "inside") warnAs(values.join("\n"));
    if (key === "stopped") operation.warn(`the machine "${name}" does not run, so what was created in it stays there.`);
  }
}
