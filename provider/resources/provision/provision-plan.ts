import type { GuestPlan } from "../../host/provision";
import type { ProvisionInputs } from "./provision-inputs";

/** What the guest should have, with each secret where it is used. */
export function planOf({ users, files, repositories, steps, secrets }: ProvisionInputs): GuestPlan {
  return {
    users,
    files,
    repositories: repositories.map(({ deployKey, ...repository }) => ({
      ...repository,
      deployKey: deployKey === undefined ? undefined : secrets[deployKey],
    })),
    steps: steps.map((step) => ({
      ...step,
      secrets: Object.fromEntries(step.secrets.map((name) => [name, secrets[name] ?? ""])),
    })),
  };
}

/** Inputs that contradict each other, found before anything is done. */
export function violations({ repositories, steps, secrets }: ProvisionInputs): readonly string[] {
  const known = Object.keys(secrets).join(", ") || "none";
  const missing = (place: string, name: string) =>
    name in secrets ? [] : [`${place}: there is no secret "${name}" in \`secrets\`. Known are: ${known}.`];
  return [
    ...repositories.flatMap(({ deployKey }, index) =>
      deployKey === undefined ? [] : missing(`repositories.${index}.deployKey`, deployKey),
    ),
    ...steps.flatMap((step, index) => step.secrets.flatMap((name) => missing(`steps.${index}.secrets`, name))),
    ...steps.flatMap(({ name, when, secrets: own }, index) =>
      when === "start" && own.length > 0
        ? [
            `steps.${index}.secrets: "${name}" also runs without Pulumi, so it cannot use secrets of the Provision. ` +
              "Give them to the machine (`secrets` of the NspawnMachine), and read them from /run/credentials/@system.",
          ]
        : [],
    ),
  ];
}

/** Removes secrets from a text that is shown or kept: as a whole, and line by line if they have several lines. */
export function redactor(secrets: Readonly<Record<string, string>>): (text: string) => string {
  const pieces = Object.values(secrets)
    .flatMap((secret) => [secret, ...secret.split("\n")])
    .map((piece) => piece.trim())
    .filter((piece) => piece.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => pieces.reduce((shown, piece) => shown.replaceAll(piece, "[secret]"), text);
}

/** A shorter piece appears in many texts by chance. */
const SHORTEST = 4;
