import type { Answer, Script } from "../../remote";
import { parseUnits, UNIT_PROPERTIES, type UnitProperties } from "../../systemd/unit-properties";
import { STATE_DIRECTORY } from "../ownership";
import { sh } from "../sh";

/** Answers what systemd has for the units of all machines of ours: one question, whatever their number. */
export const unitsInventory: Script = sh`units_answer ${UNIT_PROPERTIES.join(",")} ${STATE_DIRECTORY}/machines/*.json`;

/** The units, as {@link unitsInventory} answered them. */
export function unitsOf(answers: readonly Answer[]): ReadonlyMap<string, UnitProperties> {
  return parseUnits(answers.find(({ key }) => key === "units")?.values[0] ?? "");
}
