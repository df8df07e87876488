import type { z } from "zod";

/** What an operation may show the user while it works. */
export interface Context {
  /** The resource's URN, for messages only: it changes with renames and moves. */
  readonly urn: string;
  /** Replaces the text in the resource's row. */
  readonly progress: (text: string) => void;
  /** A warning that stays. */
  readonly warn: (text: string) => void;
}

/** What was found where an object is to be adopted. */
export interface Adoption {
  /** Inputs that the host decides: what it had, and what the program does not give. @default none */
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
 * One kind of resource: its inputs, what it adds to them, and how it is made, looked at, changed and removed.
 *
 * `Inputs` are normalised by `inputs`, `Outputs` are what only the host knows; the state that Pulumi keeps is both.
 */
export interface ResourceDefinition<Inputs extends object, Outputs extends object> {
  /** The class name, as in the type token. */
  readonly kind: string;
  /** Version of the shape of the state. */
  readonly version: number;
  /** Top-level inputs, each with an effect; parsing is idempotent: `parse(parse(x))` equals `parse(x)`. */
  readonly inputs: z.ZodObject<z.core.$ZodShape> & z.ZodType<Inputs>;
  /** What the host adds; every key optional that an unfinished create may lack. */
  readonly outputs: z.ZodType<Outputs>;
  /**
   * Values that follow from the inputs alone, so that previews know them. Any value of `inputs` may hold the unknown
   * sentinel, and so may what follows from it. Keys differ from those of the inputs. `olds` is the state so far, empty at
   * first: what the host once gave, as an address, may be carried over from there.
   */
  readonly derive?: (
    inputs: Readonly<Record<string, unknown>>,
    olds: Readonly<Record<string, unknown>>,
  ) => Record<string, unknown>;
  /** Sentences that refuse a change before anything is done; `before` are the inputs Pulumi has, absent at first. */
  readonly refuse?: (inputs: Inputs, before: Inputs | undefined) => readonly string[];
  /**
   * What the user should know before anything is done. Both are as a check has them: any value may be unknown, and `olds` is empty
   * at first.
   */
  readonly warnings?: (
    inputs: Readonly<Record<string, unknown>>,
    olds: Readonly<Record<string, unknown>>,
  ) => readonly string[];
  /** What only one resource may have, as words for a message: two resources of one program that claim it are refused. */
  readonly claims?: (inputs: Inputs) => readonly string[];
  /** Brings the state of an older version up to this one. */
  readonly migrate?: (state: Record<string, unknown>, version: number) => Record<string, unknown>;
  /**
   * Looks at the host for an object that is to be adopted: the one case in which a check opens a connection. `inputs` are
   * checked, but may hold unknown values; `given` are those that the program gave. It changes nothing.
   */
  readonly adopt?: (inputs: Readonly<Record<string, unknown>>, given: readonly string[]) => Promise<Adoption>;
  /** Inputs that follow from what was once adopted, where the program does not give them. */
  readonly adopted?: (found: Readonly<Record<string, unknown>>, given: readonly string[]) => Record<string, unknown>;
  readonly create: (inputs: Inputs, context: Context) => Promise<Created<Outputs>>;
  /** What the host has now: inputs as they are there, and outputs; `"gone"` where there is nothing. */
  readonly read: (id: string, state: Inputs & Outputs, context: Context) => Promise<(Inputs & Outputs) | "gone">;
  readonly update: (id: string, state: Inputs & Outputs, inputs: Inputs, context: Context) => Promise<Outputs>;
  readonly delete: (id: string, state: Inputs & Outputs, context: Context) => Promise<void>;
}

/**
 * Something was made but not finished: Pulumi keeps the resource, and the next `up` updates it.
 *
 * The engine prints only the reasons of such an error, so the reasons hold the whole message.
 */
export class UnfinishedError<Outputs extends object> extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Outputs,
    reason: Error,
  ) {
    super(reason.message, { cause: reason });
    this.name = "UnfinishedError";
  }
}
