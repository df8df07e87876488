import type { z } from "zod";
import { messageOf } from "../remote";
import type { Change } from "./effects";
import type { Derivations } from "./secrets";

/** How an operation can report to the user while it works. */
export interface Context {
  /** The resource's URN, for messages only: it changes with renames and moves. */
  readonly urn: string;
  /** The names of the inputs that are secret, of those that outputs are made of. */
  readonly secretInputs: readonly string[];
  /** Replaces the text in the resource's row. */
  readonly progress: (text: string) => void;
  /** A line in the resource's row that stays. */
  readonly note: (text: string) => void;
  /** A warning that stays. */
  readonly warn: (text: string) => void;
}

/** The result of looking for an object to adopt. */
export interface Adoption {
  /** Inputs that the host determines: its own values for inputs that the program does not give. @default none */
  readonly inputs?: Record<string, unknown>;
  /** What the adoption will change, for the preview. @default none */
  readonly notes?: readonly string[];
  /** Why it cannot be adopted. @default none */
  readonly refusals?: readonly string[];
}

export interface Created<Outputs> {
  readonly id: string;
  readonly outputs: Outputs;
}

/**
 * One kind of resource: its inputs, its outputs, and how to create, read, update and delete it.
 *
 * `Inputs` are normalised by `inputs`; `Outputs` are what only the host knows. Pulumi's state contains both.
 */
export interface ResourceDefinition<Inputs extends object, Outputs extends object> {
  /** The class name, as in the type token. */
  readonly kind: string;
  /** Version of the state's format. */
  readonly version: number;
  /** Top-level inputs, each with an effect; parsing is idempotent: `parse(parse(x))` equals `parse(x)`. */
  readonly inputs: z.ZodObject<z.core.$ZodShape> & z.ZodType<Inputs>;
  /** What the host adds. Keys that an unfinished create may lack are optional. */
  readonly outputs: z.ZodType<Outputs>;
  /**
   * Values derived from the inputs alone, so that previews know them. Any value of `inputs`, and so any derived value,
   * may contain the unknown sentinel. The keys differ from the inputs' keys. `olds` is the state so far, empty at
   * first: values that the host once assigned, such as an address, may be carried over from it.
   */
  readonly computed?: (
    inputs: Readonly<Record<string, unknown>>,
    olds: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>;
  /**
   * Sentences that refuse a change before anything is done. `before` are the inputs in state, absent at first, and
   * `olds` is all of the state.
   */
  readonly validate?: (
    inputs: Inputs,
    before: Inputs | undefined,
    olds: Readonly<Record<string, unknown>>,
  ) => readonly string[];
  /**
   * Warnings to show before anything is done. Both arguments are as a check has them: any value may be unknown, and
   * `olds` is empty at first.
   */
  readonly warnings?: (
    inputs: Readonly<Record<string, unknown>>,
    olds: Readonly<Record<string, unknown>>,
  ) => readonly string[];
  /**
   * What only one resource may have, worded for a message. Two resources in one program with the same key are
   * refused.
   */
  readonly uniqueKeys?: (inputs: Inputs) => readonly string[];
  /** Which outputs and computed values are secret with which inputs. @default none */
  readonly derived?: Derivations;
  /** Upgrades the state of an older version to this one. */
  readonly migrate?: (state: Record<string, unknown>, version: number) => Record<string, unknown>;
  /**
   * Looks on the host for an object to adopt: the only case in which a check opens a connection. `inputs` are checked,
   * but may contain unknown values; `given` are those that the program gave. It changes nothing.
   */
  readonly adopt?: (inputs: Readonly<Record<string, unknown>>, given: readonly string[]) => Promise<Adoption>;
  /**
   * The same for an object that was adopted before: `found` is what the state has of it, `inputs` and `before` are the
   * checked inputs and those in state. It opens no connection.
   */
  readonly adopted?: (
    found: Readonly<Record<string, unknown>>,
    given: readonly string[],
    inputs: Readonly<Record<string, unknown>>,
    before: Readonly<Record<string, unknown>>,
  ) => Adoption;
  /**
   * Corrects the effects of changes where inputs decide together. Both records may hold unknown values.
   * @default each change has the effect of its own input
   */
  readonly effects?: (
    found: readonly Change[],
    state: Readonly<Record<string, unknown>>,
    news: Readonly<Record<string, unknown>>,
  ) => readonly Change[];
  readonly create: (inputs: Inputs, context: Context) => Promise<Created<Outputs>>;
  /** The state on the host: inputs as they are there, and outputs; `"gone"` if the object does not exist. */
  readonly read: (id: string, state: Inputs & Outputs, context: Context) => Promise<(Inputs & Outputs) | "gone">;
  readonly update: (id: string, state: Inputs & Outputs, inputs: Inputs, context: Context) => Promise<Outputs>;
  readonly delete: (id: string, state: Inputs & Outputs, context: Context) => Promise<void>;
}

/**
 * An object was created but not finished. Pulumi keeps the resource, and the next `up` updates it.
 *
 * The engine prints only the reasons of such an error, so the reasons contain the whole message.
 */
export class UnfinishedError<Outputs extends object> extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Outputs,
    reason: unknown,
  ) {
    super(messageOf(reason), { cause: reason });
    this.name = "UnfinishedError";
  }
}
