import {
  type Created,
  defineResource,
  policyFor,
  type ResourceDefinition,
  type ResourceHandler,
  UnfinishedError,
} from "../dynamic";
import type { Recorded } from "../host/acknowledgements";
import { expectHost, OtherHostError } from "../host/identity";
import { inventory, takeInventoryOf } from "../host/inventory";
import type { Answer, Script } from "../remote";
import { removePastLeftovers } from "./leftovers";
import { type OnHost, targetOf } from "./on-host";
import { errorContextOf, Operation, type Subject } from "./operation";

type Timed = OnHost & { readonly timeouts: Readonly<Record<"create" | "update" | "delete", number>> };

/** How kinds of resources on a host differ. */
export interface OnHostDefinition<Inputs extends Timed, Outputs extends { readonly machineId?: string | undefined }>
  extends Omit<ResourceDefinition<Inputs, Outputs>, "create" | "read" | "update" | "delete">,
    Omit<Subject<Inputs>, "target"> {
  /** What `observe` asks a host for. All resources on the host share the answers. */
  readonly inventory: Script;
  readonly create: (inputs: Inputs, operation: Operation<Inputs>) => Promise<Created<Outputs>>;
  readonly update: (
    inputs: Inputs,
    state: Inputs & Outputs,
    operation: Operation<Inputs>,
    id: string,
  ) => Promise<Outputs>;
  /** What the host's answers show; `"gone"` if the resource does not exist. */
  readonly observe: (
    state: Inputs & Outputs,
    answers: readonly Answer[],
    warn: (text: string) => void,
  ) => (Inputs & Outputs) | "gone";
  /** The resource's name in messages: `network`. */
  readonly noun: string;
  readonly delete: (state: Inputs & Outputs, operation: Operation<Inputs>) => Promise<void>;
  /** Where the host keeps the claim of what was created. @default nothing has a claim */
  readonly marker?: (state: Inputs & Outputs) => Recorded | undefined;
}

/** Inputs of which nothing is ever shown as drift: what they hold is compared by checksums, or not on the host. */
const APART = ["host", "credentials", "secrets", "timeouts", "rootPassword"];

/** Defines a kind of resource on a host. The behaviour that all of them share is here. */
export function defineOnHost<Inputs extends Timed, Outputs extends { readonly machineId?: string | undefined }>(
  definition: OnHostDefinition<Inputs, Outputs>,
): ResourceHandler<Inputs, Outputs> {
  const {
    create,
    update,
    observe,
    delete: remove,
    marker,
    noun,
    inventory: inspection,
    describe,
    refusals,
    derived,
    ...rest
  } = definition;
  const subject: Subject<Inputs> = { describe, refusals, target: targetOf, claimant: ({ host }) => host.claimant };
  takeInventoryOf(inspection);
  return defineResource<Inputs, Outputs>({
    ...rest,
    derived: { drift: Object.keys(rest.inputs.shape).filter((key) => !APART.includes(key)), ...derived },

    create: async (inputs, context) => {
      const operation = new Operation(subject, inputs, context, inputs.timeouts.create, undefined);
      const created = await create(inputs, operation);
      const claim = marker?.({ ...inputs, ...created.outputs });
      if (claim === undefined) return created;
      try {
        await operation.acknowledge(claim);
      } catch (error) {
        throw new UnfinishedError(created.id, created.outputs, error);
      }
      return created;
    },

    update: (id, state, inputs, context) =>
      update(inputs, state, new Operation(subject, inputs, context, inputs.timeouts.update, state.machineId), id),

    read: async (_id, state, context) => {
      const answers = await inventory(targetOf(state));
      expectHost(errorContextOf(subject, state, "look at"), answers, state.machineId);
      return observe(state, answers, context.warn);
    },

    delete: async (_id, state, context) => {
      const operation = new Operation<Inputs>(subject, state, context, state.timeouts.delete, state.machineId);
      try {
        await removePastLeftovers(operation, () => remove(state, operation));
      } catch (error) {
        // The host may have been replaced together with everything on it: nothing is left to remove.
        if (!(error instanceof OtherHostError) || !mayBeGone(state)) throw error;
        context.warn(`${error.message} The ${noun} counts as removed, because it went with its host.`);
      }
    },
  });
}

function mayBeGone({ host }: OnHost): boolean {
  return host.instance !== undefined || policyFor({ host }) === "forget";
}
