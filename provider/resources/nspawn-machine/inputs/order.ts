import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { effect, whenKnown } from "../../../dynamic";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import { machineName } from "../../../systemd/names";
import type { Entry } from "../../../systemd/settings-file";
import { dropInPath, machineUnit, renderDropIn } from "../../../systemd/unit-file";
import { hostIdentity, refuseForeign } from "../../attachments/host-identity";
import { listInput } from "../../given";
import type { HostRef, OnHost } from "../../on-host";
import type { Rendered, Values } from "../section";

/** A resource that is a machine on a host. Any of this shape is accepted where one machine depends on another. */
export type MachineLike = pulumi.CustomResource & {
  readonly unit: pulumi.Output<string>;
  readonly host: pulumi.Output<HostRef>;
};

/**
 * What a machine can depend on: an `NspawnMachine`, the name of a machine, or a unit of the host as in
 * `"network-online.target"`.
 */
export type Dependency = MachineLike | string;

/** What a machine depends on, as a program gives it. */
export interface OrderArgs {
  /**
   * Units of its host after which it starts, and before which it stops (`After=`, systemd.unit(5)): machines, or units
   * such as `"network-online.target"`. It does not start them.
   * @default []
   */
  readonly after?: pulumi.Input<pulumi.Input<Dependency>[]>;
  /** Units to start with it (`Wants=`, systemd.unit(5)). It starts even if they fail. @default [] */
  readonly wants?: pulumi.Input<pulumi.Input<Dependency>[]>;
  /**
   * Units to start with it, and that it needs: it stops when one of them is stopped (`Requires=`, systemd.unit(5)).
   * List those that it must wait for in `after` too.
   * @default []
   */
  readonly requires?: pulumi.Input<pulumi.Input<Dependency>[]>;
}

/** unit_name_is_valid() of systemd; none of these characters needs quoting. */
const UNIT =
  /^(?=.{1,255}$)(?!@)[A-Za-z0-9:_.\\@-]+\.(?:service|socket|target|device|mount|automount|swap|timer|path|slice|scope)$/;

/** A unit, or a machine. The host of a machine from a resource is known, and must be the same. */
const dependency = z.preprocess(
  (value) => (typeof value === "string" ? { unit: value } : value),
  z.strictObject({
    unit: z.string("a dependency is text").transform((text, context) => {
      if (UNIT.test(text)) return text;
      if (machineName.safeParse(text).success) return machineUnit(text);
      const message = `${JSON.stringify(text)} is neither a unit, as in "network-online.target", nor a machine's name.`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }),
    host: z.string().optional(),
  }),
);
const schema = z.array(dependency);

export const inputs = {
  after: effect("live", schema.default([])),
  wants: effect("live", schema.default([])),
  requires: effect("live", schema.default([])),
};

type Order = Values<typeof inputs>;
type Reads = Order & OnHost & { readonly name: string; readonly running: boolean };

const KEYS = { after: "After", wants: "Wants", requires: "Requires" } as const;

/** A separate drop-in: systemd reads it when units start and stop, so a change takes effect live. */
export function render(inputs: Reads): Rendered {
  const entries = dependenciesOf(inputs).map(
    ({ input, unit }): Entry => ({ section: "Unit", key: KEYS[input], value: unit }),
  );
  if (entries.length === 0) return {};
  return {
    live: new Map([[dropInPath(inputs.name, "order"), { text: renderDropIn(entries) }]]),
    preflight: (inputs.running ? inputs.requires : []).map(({ unit }) => requireUnit(unit)),
  };
}

/** Sentences that refuse dependencies that a machine cannot have. */
export function validate(inputs: Reads): string[] {
  return dependenciesOf(inputs).flatMap(({ input, unit, host }) => {
    if (unit === machineUnit(inputs.name)) return [`${input}: "${unit}" is the machine itself.`];
    const foreign = host === undefined ? undefined : refuseForeign(`"${unit}"`, host, inputs.host);
    return foreign === undefined ? [] : [`${input}: ${foreign}`];
  });
}

function dependenciesOf(inputs: Order) {
  const keys = ["after", "wants", "requires"] as const;
  return keys.flatMap((input) => inputs[input].map((one) => ({ input, ...one })));
}

/** It would make the start fail. With `Wants=` and `After=`, systemd ignores missing units. */
function requireUnit(unit: string): Script {
  return sh`[ "$(systemctl show -p LoadState --value -- ${unit})" != not-found ] || refuse no-unit ${unit}`;
}

/** A raw resource, passed on as it is, would arrive as its ID. */
export function dependenciesInput(dependencies: pulumi.Input<pulumi.Input<Dependency>[]>): unknown {
  return listInput(dependencies, dependencyInput);
}

function dependencyInput(one: unknown): unknown {
  return whenKnown(one, (value) => (isMachineLike(value) ? specOf(value) : value));
}

function specOf({ unit, host }: MachineLike) {
  return { unit, host: host.apply(hostIdentity) };
}

function isMachineLike(value: unknown): value is MachineLike {
  return pulumi.Resource.isInstance(value) && "unit" in value;
}
