import type { Context, Lifecycle } from "../../dynamic";
import { expectHost, identify } from "../../host/identity";
import { forgetInventory, inventory } from "../../host/inventory";
import { ensureSource } from "../../host/mounts/ensure";
import { directoryDrift, sourceOf } from "../../host/mounts/inventory";
import { removeSource } from "../../host/mounts/remove";
import { randomId } from "../../host/ownership";
import { type Answer, describeHost, first, lines, run, type Script } from "../../remote";
import { exposureOf, refuseExposure } from "../fragments/exposure";
import { targetOf } from "../on-host";
import { removeFrom } from "../removal";
import { explainBindMountError } from "./errors";
import { type BindMountInputs, type BindMountOutputs, bindMountInputs, bindMountOutputs } from "./inputs";

type State = BindMountInputs & BindMountOutputs;

/** @internal */
export const bindMountLifecycle: Lifecycle<BindMountInputs, BindMountOutputs> = {
  kind: "BindMount",
  version: 1,
  inputs: bindMountInputs,
  outputs: bindMountOutputs,
  claims: ({ host, source, create }) =>
    create === undefined ? [] : [`the directory "${source}" on ${describeHost(host.connection)}`],
  refuse: ({ source, exposeHost, create }) => {
    const problem = refuseExposure(source, exposeHost) ?? (create && refuseMaking(source));
    return problem === undefined ? [] : [`source: ${problem}`];
  },

  create: async (inputs, context) => {
    const owner = randomId() + randomId();
    const { outputs } = await ensure(inputs, { owner }, inputs.timeouts.create, context);
    return { id: `${inputs.source}@${owner.slice(0, 8)}`, outputs };
  },

  update: async (_id, state, inputs, context) => {
    const { outputs, made } = await ensure(inputs, state, inputs.timeouts.update, context);
    if (made) {
      context.warn(
        `${inputs.source} was gone, and was made anew. Machines that run with it have the old one until they restart.`,
      );
    }
    return outputs;
  },

  read: async (_id, state) => {
    const answers = await inventory(targetOf(state));
    expectHost({ attempted: attempt("look at", state), host: place(state) }, answers, state.machineId);
    const found = sourceOf(answers, state.owner);
    return found === undefined ? "gone" : { ...state, drift: driftOf(state, found) };
  },

  delete: async (_id, state, context) => {
    const { source: path, owner, create } = state;
    const removeData = create?.removeData ?? false;
    const script = lines([identify(state.machineId), removeSource({ path, owner, create }, removeData)]);
    await removeFrom(state, "source", context, async () => {
      const answers = await onSource(state, "remove", script, state.timeouts.delete);
      if (answers.some(({ key }) => key === "kept")) {
        context.warn(
          `${path} stays on ${place(state)}: there is something in it, or it was there before. To have it removed with all that is ` +
            "in it, set `removeData: true` in `create` and run `pulumi up` before the BindMount goes.",
        );
      }
    });
  },
};

/** What the host needs is lent as it is, with its owner and mode, and is never removed. */
function refuseMaking(source: string): string | undefined {
  const why = exposureOf(source);
  return (
    why && `${JSON.stringify(source)} ${why}, so \`create\` neither makes it nor changes it: leave \`create\` out.`
  );
}

/** Create and update are one. */
async function ensure(
  inputs: BindMountInputs,
  { owner, machineId }: Pick<BindMountOutputs, "owner" | "machineId">,
  seconds: number,
  context: Context,
): Promise<{ outputs: BindMountOutputs; made: boolean }> {
  const { source: path, adopt, create } = inputs;
  const script = lines([identify(machineId), ensureSource({ path, owner, urn: context.urn, adopt, create })]);
  const answers = await onSource(inputs, create === undefined ? "mount" : "make", script, seconds);
  return {
    outputs: { owner, machineId: first(answers, "machine-id") },
    made: answers.some(({ key }) => key === "made"),
  };
}

function driftOf({ create }: State, found: NonNullable<ReturnType<typeof sourceOf>>): Record<string, string> {
  const broken = ["missing", "a symbolic link"].includes(found.kind);
  if (broken || (create !== undefined && found.kind !== "directory")) return { source: `it is ${found.kind}` };
  return create === undefined ? {} : directoryDrift(create, found);
}

async function onSource(inputs: BindMountInputs, verb: string, script: Script, seconds: number): Promise<Answer[]> {
  const target = targetOf(inputs);
  forgetInventory(target);
  const options = { attempt: attempt(verb, inputs), timeoutSeconds: seconds, retry: true };
  try {
    return await run(target, script, options);
  } catch (error) {
    throw explainBindMountError(error);
  }
}

function attempt(verb: string, { source }: Pick<BindMountInputs, "source">): string {
  return `${verb} the source "${source}"`;
}

function place({ host }: Pick<BindMountInputs, "host">): string {
  return describeHost(host.connection);
}
