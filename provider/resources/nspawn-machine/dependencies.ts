import * as pulumi from "@pulumi/pulumi";
import { hostIdentity } from "../fragments/host";
import type { HostRef } from "../on-host";

/** A resource that is a machine on a host; any of this shape is accepted where one machine depends on another. */
export type MachineLike = pulumi.CustomResource & {
  readonly unit: pulumi.Output<string>;
  readonly host: pulumi.Output<HostRef>;
};

/** What a machine can depend on: an `NspawnMachine`, the name of a machine, or a unit of the host as in `"network-online.target"`. */
export type Dependency = MachineLike | string;

/** A raw resource, passed on as it is, would arrive as its id. */
export function dependenciesInput(dependencies: pulumi.Input<pulumi.Input<Dependency>[]>) {
  return pulumi.output(dependencies).apply((list) => list.map((one) => (isMachineLike(one) ? fragmentOf(one) : one)));
}

function fragmentOf({ unit, host }: MachineLike) {
  return { unit, host: host.apply(hostIdentity) };
}

function isMachineLike(value: unknown): value is MachineLike {
  return pulumi.Resource.isInstance(value) && "unit" in value;
}
