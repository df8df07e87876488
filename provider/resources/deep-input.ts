import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

/** A value whose parts may be Outputs each, at any depth: the address of a VM that the same program makes, a key that is a secret. */
export type DeepInput<T> = pulumi.Input<T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T>;

/** Optional inputs of a schema as a program gives them, without those that are made of others or have another type there. */
export type GivenInputs<Shape extends z.core.$ZodShape, Without extends keyof Shape> = {
  readonly [Key in keyof Shape as Exclude<Key, Without>]?: DeepInput<Exclude<z.input<Shape[Key]>, undefined>>;
};
