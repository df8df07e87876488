import type * as pulumi from "@pulumi/pulumi";
import { adapt } from "./adapter";
import type { ResourceDefinition } from "./definition";

/** A kind of resource with its provider, as Pulumi calls it. */
export interface ResourceHandler<Inputs extends object, Outputs extends object>
  extends ResourceDefinition<Inputs, Outputs> {
  readonly provider: pulumi.dynamic.ResourceProvider;
}

/** Creates a kind of resource from its definition. */
export function defineResource<Inputs extends object, Outputs extends object>(
  definition: ResourceDefinition<Inputs, Outputs>,
): ResourceHandler<Inputs, Outputs> {
  return { ...definition, provider: adapt(definition) };
}
