import { type Context, type Lifecycle, UnfinishedError } from "../../dynamic";
import { expectHost, identify } from "../../host/identity";
import { forgetInventory, inventory } from "../../host/inventory";
import { describeProgress } from "../../host/long-work/build-progress";
import { doLongWork } from "../../host/long-work/transient-unit";
import { randomId } from "../../host/ownership";
import { lookInside, type ProvisionKey, provisionWork, removeProvision } from "../../host/provision";
import { type Answer, describeHost, first, HostError, lines, run, type Script } from "../../remote";
import { targetOf } from "../on-host";
import { removeFrom } from "../removal";
import { explainProvisionError, explainWork } from "./errors";
import {
  type ProvisionInputs,
  type ProvisionOutputs,
  type ProvisionState,
  provisionInputs,
  provisionOutputs,
} from "./inputs";
import { type Look, lookOf } from "./observe";
import { planOf, redactor, refusals } from "./plan";

/** Seconds for a look after the work. */
const LOOK_SECONDS = 120;

/** @internal */
export const provisionLifecycle: Lifecycle<ProvisionInputs, ProvisionOutputs> = {
  kind: "Provision",
  version: 1,
  inputs: provisionInputs,
  outputs: provisionOutputs,
  claims: ({ host, name, users, files, repositories }) => {
    const place = `in the machine "${name}" on ${describeHost(host.connection)}`;
    return [
      ...users.map((user) => `the user "${user.name}" ${place}`),
      ...files.map(({ path }) => `the file "${path}" ${place}`),
      ...repositories.map(({ user, directory }) => `the repository "${directory}" of ${user} ${place}`),
    ];
  },
  refuse: refusals,

  create: async (inputs, context) => {
    const owner = randomId() + randomId();
    const id = idOf(inputs, owner);
    return { id, outputs: await ensure(id, inputs, { owner }, inputs.timeouts.create, context) };
  },

  update: (id, state, inputs, context) => ensure(id, inputs, state, inputs.timeouts.update, context),

  read: async (_id, state) => {
    const answers = await inventory(targetOf(state));
    expectHost(place(state, "look at"), answers, state.machineId);
    const look = lookOf(answers, state.owner, redactor(state.secrets));
    if (look === undefined) return "gone";
    // What cannot be looked at now is as it was.
    return look.state === "running" ? { ...state, results: look.results, drift: look.drift } : state;
  },

  delete: remove,
};

function idOf({ name }: ProvisionInputs, owner: string): string {
  return `${name}@${owner.slice(0, 8)}`;
}

/** Create and update are one; what was begun inside stays Pulumi's to go on with or to remove. */
async function ensure(
  id: string,
  inputs: ProvisionInputs,
  before: Pick<ProvisionOutputs, "owner" | "machineId">,
  seconds: number,
  context: Context,
): Promise<ProvisionOutputs> {
  const { owner } = before;
  const target = targetOf(inputs);
  const redact = redactor(inputs.secrets);
  const { attempted, host } = place(inputs, "work in");
  const key: ProvisionKey = { owner, machine: inputs.name, urn: context.urn };
  let begun = false;
  forgetInventory(target);
  try {
    const result = await doLongWork(target, provisionWork(key, planOf(inputs), before.machineId), {
      attempt: attempted,
      timeoutSeconds: seconds,
      onAnswer: (answer) => {
        begun = true;
        const text = describeProgress(answer);
        if (text !== undefined) context.progress(redact(text));
      },
    });
    begun = true;
    if (!result.ok) throw explainWork({ attempted, host }, result, redact);
  } catch (error) {
    const explained = explainProvisionError(error);
    if (!begun || !(explained instanceof Error)) throw explained;
    const seen = await look(inputs, owner).catch(() => undefined);
    throw new UnfinishedError(id, outputsOf(owner, before.machineId, seen), explained);
  }
  const seen = await look(inputs, owner);
  if (seen.look?.state !== "running") {
    const happened = "the work is done, but the machine did not tell how it is now";
    const error = new HostError({ attempted, host, happened, advice: "Run `pulumi up` again." });
    throw new UnfinishedError(id, outputsOf(owner, before.machineId, seen), error);
  }
  for (const warning of seen.look.warnings) context.warn(warning);
  return outputsOf(owner, before.machineId, seen);
}

interface Seen {
  readonly machineId: string | undefined;
  readonly look: Look | undefined;
}

async function look(inputs: ProvisionInputs, owner: string): Promise<Seen> {
  const script = lines([identify(undefined), lookInside(owner)]);
  const answers = await inside(inputs, "look at", script, LOOK_SECONDS);
  return { machineId: first(answers, "machine-id"), look: lookOf(answers, owner, redactor(inputs.secrets)) };
}

function outputsOf(owner: string, machineId: string | undefined, seen: Seen | undefined): ProvisionOutputs {
  return { owner, machineId: machineId ?? seen?.machineId, results: seen?.look?.results ?? {} };
}

async function remove(_id: string, state: ProvisionState, context: Context): Promise<void> {
  const script = lines([identify(state.machineId), removeProvision({ owner: state.owner, machine: state.name })]);
  forgetInventory(targetOf(state));
  await removeFrom(state, "work inside", context, async () => {
    const answers = await inside(state, "clean up", script, state.timeouts.delete);
    for (const { key, values } of answers) {
      if (key === "warning") context.warn(redactor(state.secrets)(values.join(" ")));
      if (key === "stopped") {
        context.warn(`the machine "${state.name}" does not run, so what was made in it stays there.`);
      }
    }
  });
}

async function inside(
  inputs: ProvisionInputs,
  verb: string,
  script: Script,
  timeoutSeconds: number,
): Promise<Answer[]> {
  try {
    return await run(targetOf(inputs), script, { attempt: place(inputs, verb).attempted, timeoutSeconds, retry: true });
  } catch (error) {
    throw explainProvisionError(error);
  }
}

function place({ name, host }: ProvisionInputs, verb: string): { attempted: string; host: string } {
  return { attempted: `${verb} the machine "${name}"`, host: describeHost(host.connection) };
}
