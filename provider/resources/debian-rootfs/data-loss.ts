import { IMAGES } from "../../host/roots/images";
import type { RootfsInputs } from "./rootfs-inputs";

const BIRTHMARKS = ["name", "suite", "arch", "variant"] as const;

/** Sentences that refuse a change that would take a root and all that is in it, unless that is allowed. */
export function refuseDataLoss(inputs: RootfsInputs, before: RootfsInputs | undefined): string[] {
  if (before === undefined || inputs.dataLoss === "allow") return [];
  const changed = BIRTHMARKS.flatMap((key) => {
    const [from, to] = [before[key], inputs[key]];
    return from === undefined || to === undefined || from === to ? [] : [`${key} from ${from} to ${to}`];
  });
  if (changed.length === 0) return [];
  return [
    `changing ${changed.join(" and ")} makes a new root: everything in ${IMAGES}/${before.name} would be lost. ` +
      'If nothing in it is needed, set `dataLoss: "allow"` on this DebianRootfs. If something is, keep this one as it is and make ' +
      "another DebianRootfs with another name, then move over what is needed.",
  ];
}
