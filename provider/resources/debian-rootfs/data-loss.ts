import { IMAGES } from "../../host/roots/images";
import type { RootfsInputs } from "./rootfs-inputs";

const IDENTITY_INPUTS = ["name", "suite", "arch", "variant"] as const;

/** Sentences that refuse a change that would delete a root with all its contents, unless it is allowed. */
export function refuseDataLoss(inputs: RootfsInputs, before: RootfsInputs | undefined): string[] {
  if (before === undefined || inputs.dataLoss === "allow") return [];
  const changed = IDENTITY_INPUTS.flatMap((key) => {
    const [from, to] = [before[key], inputs[key]];
    return from === undefined || to === undefined || from === to ? [] : [`${key} from ${from} to ${to}`];
  });
  if (changed.length === 0) return [];
  return [
    `changing ${changed.join(" and ")} makes a new root: everything in ${IMAGES}/${before.name} would be lost. ` +
      'If you need nothing in it, set `dataLoss: "allow"` on this DebianRootfs. Otherwise, keep this one as it is, create ' +
      "another DebianRootfs with another name, and move over what you need.",
  ];
}
