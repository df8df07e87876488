import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../../dynamic";
import { listInput } from "../given";
import type { NetworkSpec, WITHOUT_LINKS } from "./network-specs";

/** A resource that machines can be attached to: a bridge, a network. */
type Attachable = pulumi.Resource & { readonly ref: pulumi.Output<NetworkSpec> };

/** An entry of a machine's `networks`. */
export type NetworkInput = Attachable | NetworkSpec | (typeof WITHOUT_LINKS)[number];

/** A machine's networks as attachment specs. In a preview, each entry of the list can be unknown on its own. */
export function networksInput(networks: pulumi.Input<pulumi.Input<NetworkInput>[]>): unknown {
  return listInput(networks, specOf);
}

/** One network, without the resource around its spec. */
export function specOf(network: unknown): unknown {
  return whenKnown(network, (value) => (isAttachable(value) ? value.ref : value));
}

function isAttachable(value: unknown): value is Attachable {
  return pulumi.Resource.isInstance(value) && "ref" in value;
}
