import { z } from "zod";
import { sh } from "../../../host/sh";
import type { Script } from "../../../remote";
import { machineName } from "../../../systemd/names";
import type { Entry } from "../../../systemd/settings-file";
import { dropInPath, machineUnit, renderDropIn } from "../../../systemd/unit-file";
import { refuseForeign } from "../../fragments/host";
import type { Part } from "../contribution";
import type { MachineInputs } from "../inputs";

/** unit_name_is_valid() of systemd; none of these characters needs a quote. */
const UNIT =
  /^(?=.{1,255}$)[A-Za-z0-9:_.\\@-]+\.(?:service|socket|target|device|mount|automount|swap|timer|path|slice|scope)$/;

/** A unit, or a machine: of one that a resource made the host is known, and it has to be the same. */
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
export const dependenciesSchema = z.array(dependency);

const KEYS = { after: "After", wants: "Wants", requires: "Requires" } as const;

/** A drop-in of its own: systemd looks at it when units start and stop, so a change is live. */
export const orderPart: Part = {
  inputs: Object.keys(KEYS),
  owns: () => [],
  of: (inputs) => {
    const entries = dependenciesOf(inputs).map(
      ({ input, unit }): Entry => ({ section: "Unit", key: KEYS[input], value: unit }),
    );
    if (entries.length === 0) return {};
    return {
      live: new Map([[dropInPath(inputs.name, "order"), { text: renderDropIn(entries) }]]),
      checks: (inputs.running ? inputs.requires : []).map(({ unit }) => requireUnit(unit)),
    };
  },
};

/** Sentences that refuse what a machine cannot depend on. */
export function refuseOrder(inputs: MachineInputs): string[] {
  return dependenciesOf(inputs).flatMap(({ input, unit, host }) => {
    if (unit === machineUnit(inputs.name)) return [`${input}: "${unit}" is the machine itself.`];
    const foreign = host === undefined ? undefined : refuseForeign(`"${unit}"`, host, inputs.host);
    return foreign === undefined ? [] : [`${input}: ${foreign}`];
  });
}

function dependenciesOf(inputs: MachineInputs) {
  const keys = ["after", "wants", "requires"] as const;
  return keys.flatMap((input) => inputs[input].map((one) => ({ input, ...one })));
}

/** The start would fail by it. Of `Wants=` and `After=` systemd takes what there is. */
function requireUnit(unit: string): Script {
  return sh`[ "$(systemctl show -p LoadState --value -- ${unit})" != not-found ] || refuse no-unit ${unit}`;
}
