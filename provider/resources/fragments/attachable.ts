import * as pulumi from "@pulumi/pulumi";
import type { NetworkFragment, WITHOUT_LINKS } from "./network-fragments";

/** A resource that machines can be attached to: a bridge, a network. */
type Attachable = pulumi.Resource & { readonly ref: pulumi.Output<NetworkFragment> };

/** An entry of a machine's `networks`. */
export type NetworkInput = Attachable | NetworkFragment | (typeof WITHOUT_LINKS)[number];

/** A machine's networks as fragments. In a preview, each entry of the list can be unknown on its own. */
export function networksInput(networks: pulumi.Input<pulumi.Input<NetworkInput>[]>) {
  if (Array.isArray(networks)) return networks.map((network) => fragmentOf(network));
  return pulumi.output(networks).apply((list) => pulumi.all(list.map((network) => fragmentOf(network))));
}

/** One network, without the resource around its fragment. */
export function fragmentOf(network: pulumi.Input<NetworkInput>): pulumi.Output<NetworkInput> {
  if (isAttachable(network)) return network.ref;
  const given = pulumi.output<NetworkInput>(network);
  return given.apply(
    (value): pulumi.Output<NetworkInput> => (isAttachable(value) ? value.ref : pulumi.output<NetworkInput>(value)),
  );
}

function isAttachable(value: unknown): value is Attachable {
  return pulumi.Resource.isInstance(value) && "ref" in value;
}
