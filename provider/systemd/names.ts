import { z } from "zod";

const LONGEST = 64;

/**
 * A machine's name, by systemd's own rule (hostname_is_valid in basic/hostname-util.c, which is stricter than
 * machinectl(1) of older versions: no underscore).
 */
export const machineName = z.string("a machine name is text").superRefine((name, context) => {
  const broken = brokenRule(name);
  if (broken === undefined) return;
  const message = `${JSON.stringify(name)} is not a machine name: ${broken}. Valid: ${JSON.stringify(suggestName(name))}.`;
  context.addIssue({ code: "custom", message });
});

/** The rule of systemd that a name breaks, as the end of a sentence; `undefined` for a valid one. */
export function brokenRule(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > LONGEST) return `it has ${name.length} characters, and systemd allows ${LONGEST}`;
  const strange = /[^A-Za-z0-9.-]/u.exec(name)?.[0];
  if (strange !== undefined) return `it has ${spell(strange)}; systemd allows letters A-Z, digits, hyphens and dots`;
  if (name.startsWith(".") || name.endsWith(".")) return "it begins or ends with a dot";
  if (name.includes("..")) return "it has two dots in a row";
  if (name.split(".").some((label) => label.startsWith("-") || label.endsWith("-"))) {
    return "a hyphen is at the beginning or the end, or next to a dot";
  }
  return undefined;
}

/** A valid name close to the given one; a valid name is its own suggestion. */
export function suggestName(name: string): string {
  if (brokenRule(name) === undefined) return name;
  const joined = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .split(".")
    .map((label) => label.replace(/^-|-$/g, ""))
    .filter((label) => label !== "")
    .join(".");
  return joined.slice(0, LONGEST).replace(/(?<![.-])[.-]+$/, "") || "machine";
}

function spell(character: string): string {
  if (character === "_") return "an underscore";
  return /\s/u.test(character) ? "white space" : JSON.stringify(character);
}
