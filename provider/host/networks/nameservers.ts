import type { Answer } from "../../remote";

export function nameserversOf(answers: readonly Answer[]): string[] {
  return answers.filter(({ key }) => key === "nameserver").flatMap(({ values }) => values);
}
