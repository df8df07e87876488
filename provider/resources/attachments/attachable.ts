import * as pulumi from "@pulumi/pulumi";
import type { NetworkSpec, WITHOUT_LINKS } from "./network-specs";

/** A resource that machines can be attached to: a bridge, a network. */
type Attachable = pulumi.Resource & { readonly ref: pulumi.Output<NetworkSpec> };

/** An entry of a machine's `networks`. */
export type NetworkInput = Attachable | NetworkSpec | (typeof WITHOUT_LINKS)[number];

/** A machine's networks as attachment specs. In a preview, each entry of the list can be unknown on its own. */
export function networksInput(networks: pulumi.Input<pulumi.Input<NetworkInput>[]>) {
  if (Array.isArray(networks)) return networks.map((network) => specOf(network));
  return pulumi.output(networks).apply((list) => pulumi.all(list.map((network) => specOf(network))));
}

/** One network, without the resource around its spec. */
export function specOf(network: pulumi.Input<NetworkInput>): pulumi.Output<NetworkInput> {
  if (isAttachable(network)) return network.ref;
  const given = pulumi.output<NetworkInput>(network);
  return given.apply(
    (value): pulumi.Output<NetworkInput> => (isAttachable(value) ? value.ref : pulumi.output<NetworkInput>(value)),
  );
}

function isAttachable(value: unknown): value is Attachable {
  return pulumi.Resource.isInstance(value) && "ref" in value;
}
