import type { Answer } from "../../remote";
import { addressesOf } from "../answered";

export function nameserversOf(answers: readonly Answer[]): string[] {
  return addressesOf(answers.filter(({ key }) => key === "nameserver").flatMap(({ values }) => values));
}
