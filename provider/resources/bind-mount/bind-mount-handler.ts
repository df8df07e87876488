import { machineIdIn } from "../../host/answered";
import { ensureSource } from "../../host/mounts/ensure-source";
import { removeSource } from "../../host/mounts/remove-source";
import { markerPath } from "../../host/mounts/source-plan";
import { directoryDrift, sourceOf, sourcesInventory } from "../../host/mounts/sources-inventory";
import { type Claim, randomId } from "../../host/ownership";
import { type Answer, describeHost } from "../../remote";
import { exposureOf, lookAtSource, refuseExposure } from "../attachments/exposure";
import { defineOnHost } from "../define-on-host";
import type { Operation } from "../operation";
import { type BindMountInputs, type BindMountOutputs, bindMountInputs, bindMountOutputs } from "./bind-mount-inputs";
import { bindMountRefusals } from "./bind-mount-refusals";

type State = BindMountInputs & BindMountOutputs;

/** @internal */
export const bindMountHandler = defineOnHost<BindMountInputs, BindMountOutputs>({
  kind: "BindMount",
  version: 1,
  inputs: bindMountInputs,
  outputs: bindMountOutputs,
  describe: ({ source }) => `the source "${source}"`,
  noun: "source",
  refusals: bindMountRefusals,
  inventory: sourcesInventory,
  uniqueKeys: ({ host, source, create }) =>
    create === undefined ? [] : [`the directory "${source}" on ${describeHost(host.connection)}`],
  validate: ({ source, exposeHost, create, readOnly }) => {
    const problem =
      refuseExposure(source, exposeHost, { readOnly, expectsPublic: create === undefined }) ??
      (create && refuseMaking(source));
    return problem === undefined ? [] : [`source: ${problem}`];
  },

  create: async (inputs, operation) => {
    const owner = randomId() + randomId();
    const { outputs } = await ensure(operation, operation.claimOf(owner, { fresh: true, adopt: inputs.adopt }));
    return { id: `${inputs.source}@${owner.slice(0, 8)}`, outputs };
  },

  update: async ({ source, adopt }, state, operation) => {
    const claim = operation.claimOf(state.owner, { fresh: false, adopt });
    const { outputs, made } = await ensure(operation, claim);
    if (made) {
      operation.warn(
        `${source} was missing and has been recreated. Machines that run with it keep the old one until they restart.`,
      );
    }
    return outputs;
  },

  observe: (state, answers) => {
    const found = sourceOf(answers, state.owner);
    return found === undefined ? "gone" : { ...state, drift: driftOf(state, found) };
  },

  delete: async ({ source: path, owner, create, host }, operation) => {
    const removeData = create?.removeData ?? false;
    const script = removeSource({ path, claim: operation.claimOf(owner, { fresh: false }), create }, removeData);
    const answers = await operation.run("remove", script);
    if (answers.some(({ key }) => key === "kept")) {
      operation.warn(
        `${path} stays on ${describeHost(host.connection)}: it is not empty, or it existed before. To remove it with all its ` +
          "contents, set `removeData: true` in `create` and run `pulumi up` before you delete the BindMount.",
      );
    }
  },

  marker: ({ source: path, owner, create }) => ({ path: markerPath({ path, owner, create }), owner }),
});

/** A path that the host itself needs is mounted as it is, with its owner and mode, and never removed. */
function refuseMaking(source: string): string | undefined {
  const why = exposureOf(source, { readOnly: true });
  return why && `${JSON.stringify(source)} ${why}, so \`create\` neither creates nor changes it: leave \`create\` out.`;
}

/** Create and update do the same. */
async function ensure(
  operation: Operation<BindMountInputs>,
  claim: Claim,
): Promise<{ outputs: BindMountOutputs; made: boolean }> {
  const { source: path, create, exposeHost, readOnly } = operation.inputs;
  const look = create === undefined ? lookAtSource(path, exposeHost, { readOnly }) : undefined;
  const script = ensureSource({ path, claim, create, look });
  const answers = await operation.run(create === undefined ? "mount" : "make", script);
  return {
    outputs: { owner: claim.owner, machineId: machineIdIn(answers), ...leadsTo(path, answers) },
    made: answers.some(({ key }) => key === "made"),
  };
}

/** Recorded only if it is not the path itself, so that the preview shows where it leads. */
function leadsTo(path: string, answers: readonly Answer[]): { leadsTo?: string } {
  const led = answers.find(({ key }) => key === "leads")?.values[0] ?? path;
  return led === path ? {} : { leadsTo: led };
}

function driftOf(
  { create, source, leadsTo: led }: State,
  found: NonNullable<ReturnType<typeof sourceOf>>,
): Record<string, string> {
  const followed = led !== undefined && found.kind === "a symbolic link";
  if (followed) return found.leadsTo === led ? {} : { source: `${source} leads to ${found.leadsTo}` };
  const broken = ["missing", "a symbolic link"].includes(found.kind);
  if (broken || (create !== undefined && found.kind !== "directory")) return { source: `it is ${found.kind}` };
  return create === undefined ? {} : directoryDrift(create, found);
}
