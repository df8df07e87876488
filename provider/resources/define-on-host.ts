import { type Created, defineResource, type ResourceDefinition, type ResourceHandler } from "../dynamic";
import { expectHost, OtherHostError } from "../host/identity";
import { inventory, takeInventoryOf } from "../host/inventory";
import type { Answer, Script } from "../remote";
import { type OnHost, targetOf } from "./on-host";
import { Operation, placeOf, type Subject } from "./operation";

type Timed = OnHost & { readonly timeouts: Readonly<Record<"create" | "update" | "delete", number>> };

/** What kinds of resources on a host differ in. */
export interface OnHostDefinition<Inputs extends Timed, Outputs extends { readonly machineId?: string | undefined }>
  extends Omit<ResourceDefinition<Inputs, Outputs>, "create" | "read" | "update" | "delete">,
    Omit<Subject<Inputs>, "target"> {
  /** What `observe` wants to know of a host; it is asked once for all resources there. */
  readonly inventory: Script;
  readonly create: (inputs: Inputs, operation: Operation<Inputs>) => Promise<Created<Outputs>>;
  readonly update: (
    inputs: Inputs,
    state: Inputs & Outputs,
    operation: Operation<Inputs>,
    id: string,
  ) => Promise<Outputs>;
  /** What the host has now, of what it answered; `"gone"` if there is nothing. */
  readonly observe: (state: Inputs & Outputs, answers: readonly Answer[]) => (Inputs & Outputs) | "gone";
  /** What goes, as messages name it: `network`. */
  readonly noun: string;
  readonly delete: (state: Inputs & Outputs, operation: Operation<Inputs>) => Promise<void>;
}

/** Defines a kind of resource on a host: what all of them do in the same way is here. */
export function defineOnHost<Inputs extends Timed, Outputs extends { readonly machineId?: string | undefined }>(
  definition: OnHostDefinition<Inputs, Outputs>,
): ResourceHandler<Inputs, Outputs> {
  const { create, update, observe, delete: remove, noun, inventory: looks, ...rest } = definition;
  const subject: Subject<Inputs> = { ...definition, target: targetOf };
  takeInventoryOf(looks);
  return defineResource<Inputs, Outputs>({
    ...rest,

    create: (inputs, context) => create(inputs, new Operation(subject, inputs, context, inputs.timeouts.create)),

    update: (id, state, inputs, context) =>
      update(inputs, state, new Operation(subject, inputs, context, inputs.timeouts.update), id),

    read: async (_id, state) => {
      const answers = await inventory(targetOf(state));
      expectHost(placeOf(subject, state, "look at"), answers, state.machineId);
      return observe(state, answers);
    },

    delete: async (_id, state, context) => {
      try {
        await remove(state, new Operation<Inputs>(subject, state, context, state.timeouts.delete));
      } catch (error) {
        // The host may have been replaced together with all that was on it: nothing is left to remove.
        if (!(error instanceof OtherHostError) || !mayBeGone(state)) throw error;
        context.warn(`${error.message} The ${noun} counts as removed, since it went with the host it was on.`);
      }
    },
  });
}

function mayBeGone({ host }: OnHost): boolean {
  return host.instance !== undefined || host.onUnreachable === "forget";
}
