import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";

/** A value in which any part can be an Output, at any depth: the address of a VM in the same program, a secret key. */
export type DeepInput<T> = pulumi.Input<T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T>;

/** A schema's optional inputs as a program gives them, without derived ones and those whose type differs there. */
export type GivenInputs<Shape extends z.core.$ZodShape, Without extends keyof Shape> = {
  readonly [Key in keyof Shape as Exclude<Key, Without>]?: DeepInput<Exclude<z.input<Shape[Key]>, undefined>>;
};
