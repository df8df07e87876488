import type * as pulumi from "@pulumi/pulumi";

/** A value whose parts may be Outputs each, at any depth: the address of a VM that the same program makes, a key that is a secret. */
export type DeepInput<T> = pulumi.Input<T extends object ? { [K in keyof T]: DeepInput<T[K]> } : T>;
