import { z } from "zod";
import { nearest } from "../../unknown-keys";
import { problemOf } from "../settings-file";
import { NSPAWN_SETTINGS, type SectionName, type SettingValue, settingOf } from "./index";

/** Keys by section as in systemd.nspawn(5), and lines for keys that this version does not know. */
export const nspawnSettings = z.strictObject({
  Exec: section("Exec"),
  Files: section("Files"),
  Network: section("Network"),
  lines: z.strictObject({ Exec: lines("Exec"), Files: lines("Files"), Network: lines("Network") }).optional(),
});
export type NspawnSettingsInput = z.infer<typeof nspawnSettings>;

function section(name: SectionName) {
  const own = NSPAWN_SETTINGS.filter((setting) => setting.section === name);
  const shape = own.map(({ key, instead, kind }): [string, z.ZodType<SettingValue | undefined>] => [
    key,
    (instead === undefined ? kind.schema : z.never(`is not set here. ${instead}`)).optional(),
  ]);
  return z
    .strictObject(Object.fromEntries(shape), {
      error: (issue) => (issue.code === "unrecognized_keys" ? unknownKeys(name, issue.keys) : undefined),
    })
    .optional();
}

function unknownKeys(name: SectionName, keys: readonly string[]): string {
  return keys
    .map((key) => {
      const meant = NSPAWN_SETTINGS.find((setting) => setting.key.toLowerCase() === key.toLowerCase());
      if (meant !== undefined)
        return `"${key}" is not a key of [${name}]: systemd has ${meant.key} in [${meant.section}].`;
      const near = nearest(
        key,
        NSPAWN_SETTINGS.filter((setting) => setting.section === name).map((setting) => setting.key),
      );
      if (near !== undefined) return `"${key}" is not a key of [${name}] (did you mean "${near}"?).`;
      return `this version does not know "${key}" in [${name}]; if systemd does, write it as a line: lines: { ${name}: ["${key}=VALUE"] }.`;
    })
    .join(" ");
}

function lines(name: SectionName) {
  const line = z.string("is not text").superRefine((text, context) => {
    const problem = problemOfLine(name, text);
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
  return z.array(line).optional();
}

/** No message quotes the value of a line: it may be a secret. */
function problemOfLine(name: SectionName, text: string): string | undefined {
  const [, key, value = ""] = /^([A-Za-z][A-Za-z0-9-]*)=(.*)$/su.exec(text) ?? [];
  if (key === undefined) return "is not a line Key=VALUE";
  const instead = settingOf(name, key)?.instead;
  if (instead !== undefined) return `"${key}" is not set here. ${instead}`;
  const problem = problemOf(value);
  return problem === undefined ? undefined : `the value of "${key}" ${problem}`;
}
