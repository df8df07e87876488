import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/**
 * Seconds that each operation may take, connecting included. The engine's own `customTimeouts` do not reach dynamic
 * providers.
 */
export interface Timeouts {
  /** Seconds for creating the object. @default as the resource says */
  readonly create?: pulumi.Input<number>;
  /** Seconds for changing it. @default as the resource says */
  readonly update?: pulumi.Input<number>;
  /** Seconds for removing it. @default as the resource says */
  readonly delete?: pulumi.Input<number>;
  /** Seconds for reading its state. @default as the resource says */
  readonly read?: pulumi.Input<number>;
}

const seconds = (value: number) => z.number().min(1).max(86_400).default(value);

/** The schema of a `timeouts` input with this resource's defaults, in seconds. */
export function timeoutsSchema(defaults: { create: number; update: number; delete: number; read: number }) {
  return z
    .strictObject({
      create: seconds(defaults.create),
      update: seconds(defaults.update),
      delete: seconds(defaults.delete),
      read: seconds(defaults.read),
    })
    .prefault({});
}
