import { lineDifference } from "../../host/drift";
import { unitsOf } from "../../host/machines/units";
import type { Answer } from "../../remote";
import { RESET } from "../../systemd/settings-file";
import { machineUnit } from "../../systemd/unit-file";
import { settingDrift, type UnitProperties } from "../../systemd/unit-properties";
import type { MachineInputs } from "./machine-inputs";
import type { UnitSetting } from "./unit-settings";

/** How a machine's unit differs, as systemd has it, from what the inputs set in its drop-ins: lines, by input. */
export function unitDrift(
  { name, adopted }: Pick<MachineInputs, "name" | "adopted">,
  settings: readonly UnitSetting[],
  answers: readonly Answer[],
): Record<string, string> {
  const unit = unitsOf(answers).get(machineUnit(name));
  if (unit === undefined) return {};
  const state = stateDrift(unit, adopted !== undefined);
  if (unit.get("LoadState")?.[0] !== "loaded") return state;
  return { ...state, ...settingsDrift(name, settings, unit) };
}

/** Whether it can be started, and from which file. */
function stateDrift(unit: UnitProperties, keepsUnitFile: boolean): Record<string, string> {
  const [load = "", file = "", unread = ""] = ["LoadState", "FragmentPath", "NeedDaemonReload"].map(
    (property) => unit.get(property)?.[0],
  );
  const own = !keepsUnitFile && load === "loaded" && file !== "" && !file.endsWith("/systemd-nspawn@.service");
  const lines = [
    ...(load === "masked" ? ["-LoadState=loaded", `+LoadState=${load}`] : []),
    ...(own ? [`+FragmentPath=${file}`] : []),
    ...(unread === "yes" ? ["-NeedDaemonReload=no", "+NeedDaemonReload=yes"] : []),
  ];
  return lines.length === 0 ? {} : { unit: lines.join("\n") };
}

function settingsDrift(name: string, settings: readonly UnitSetting[], unit: UnitProperties): Record<string, string> {
  const drift = new Map<string, string[]>();
  for (const [key, { input, values }] of valuesByKey(name, settings)) {
    const found = settingDrift(key, values, unit);
    if (found === undefined) continue;
    const assignments = (lines: readonly string[]) => lines.map((value) => `${key}=${value}`);
    drift.set(input, [
      ...(drift.get(input) ?? []),
      lineDifference(assignments(found.wanted), assignments(found.found)),
    ]);
  }
  return Object.fromEntries([...drift].map(([input, lines]) => [input, lines.join("\n")]));
}

function valuesByKey(name: string, settings: readonly UnitSetting[]) {
  const byKey = new Map<string, { input: string; values: string[] }>();
  for (const { input, key, value } of settings) {
    if (value === RESET) continue;
    const values = byKey.get(key)?.values ?? [];
    byKey.set(key, { input, values: [...values, value.replace(/%(%|i)/g, (_, sign) => (sign === "i" ? name : "%%"))] });
  }
  return byKey;
}
