import { isRecord, UNKNOWN } from "../../dynamic";
import { IMAGES } from "../../host/roots/images";
import type { RootfsInputs } from "./rootfs-inputs";

type Values = Readonly<Record<string, unknown>>;

const IDENTITY_INPUTS = ["name", "suite", "arch", "variant"] as const;

/** What makes a root another one, as `suite from bookworm to trixie`. */
function changedIdentity(before: Values, inputs: Values): string[] {
  return IDENTITY_INPUTS.flatMap((key) => {
    const [from, to] = [before[key], inputs[key]];
    return [undefined, UNKNOWN, from].includes(to) || from === undefined ? [] : [`${key} from ${from} to ${to}`];
  });
}

/**
 * What the root was before it was replaced the last time. If the new one does not boot, its machine still runs that
 * one, and whoever takes the change back wants to keep it.
 */
export function replacedRoot(inputs: Values, olds: Values): { replaced?: Values } {
  if (Object.keys(olds).length === 0) return {};
  if (changedIdentity(olds, inputs).length === 0) return isRecord(olds.replaced) ? { replaced: olds.replaced } : {};
  return { replaced: Object.fromEntries(IDENTITY_INPUTS.flatMap((key) => (key in olds ? [[key, olds[key]]] : []))) };
}

/**
 * Sentences that refuse a change that would delete a root with all its contents, unless it is allowed. Only the host
 * knows whether a machine still runs what the root was before: the create then keeps that one, or refuses.
 */
export function refuseDataLoss(inputs: RootfsInputs, before: RootfsInputs | undefined, olds: Values): string[] {
  if (before === undefined || inputs.dataLoss === "allow") return [];
  const changed = changedIdentity(before, inputs);
  if (changed.length === 0 || isTakenBack(inputs, olds)) return [];
  return [
    `changing ${changed.join(" and ")} makes a new root: everything in ${IMAGES}/${before.name} would be lost. ` +
      (before.name === inputs.name ? "" : `To keep it under another logical name, set \`name: "${before.name}"\`. `) +
      'If you need nothing in it, set `dataLoss: "allow"` on this DebianRootfs, or on the DevBox that it is part of. ' +
      "Otherwise, keep it as it is, create another one with another name, and move over what you need.",
  ];
}

function isTakenBack(inputs: Values, { replaced }: Values): boolean {
  return isRecord(replaced) && changedIdentity(replaced, inputs).length === 0;
}

/** Says what becomes of a change that is taken back. */
export function warnOfTakingBack(inputs: Values, olds: Values): string[] {
  const changed = changedIdentity(olds, inputs);
  if (changed.length === 0 || !isTakenBack(inputs, olds)) return [];
  const otherwise = inputs.dataLoss === "allow" ? "a new, empty one is made" : "it is refused, and nothing is lost";
  return [
    `this takes back a change (${changed.join(" and ")}). If the machine still runs the root from before, that is kept ` +
      `with all its data; otherwise ${otherwise}.`,
  ];
}
