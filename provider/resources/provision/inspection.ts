import { type Answer, parseAnswer } from "../../remote";
import type { ProvisionOutputs } from "./provision-inputs";

/** The result of an inspection of a machine. */
export interface Inspection {
  /** A machine is silent if it runs but did not report everything, and busy if other work runs in it. */
  readonly state: "running" | "stopped" | "silent" | "busy";
  readonly results: NonNullable<ProvisionOutputs["results"]>;
  readonly drift: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/**
 * What was found for one owner; `undefined` if the host does not know it. The guest's answers are parsed as such, and
 * used for nothing else.
 */
export function inspectionOf(
  answers: readonly Answer[],
  owner: string,
  redact: (text: string) => string,
): Inspection | undefined {
  const found = answers.find(({ key, values }) => key === "provision" && values[0] === owner);
  if (found === undefined) return undefined;
  const [, , state = "", text = ""] = found.values;
  const inside = answersIn(text);
  const of = (key: string) => inside.filter((answer) => answer.key === key).map(({ values }) => values.map(redact));
  const results = of("result").flatMap(([name = "", status = "", output = ""]) =>
    /^\d+$/.test(status) ? [[name, { status: Number(status), output }] as const] : [],
  );
  return {
    state: state === "stopped" ? "stopped" : stateOf(inside),
    results: Object.fromEntries(results),
    drift: Object.fromEntries(of("drift").map(([key = "", what = ""]) => [key, what])),
    warnings: of("warning").flat(),
  };
}

function stateOf(inside: readonly Answer[]): "running" | "silent" | "busy" {
  const has = (wanted: string) => inside.some(({ key }) => key === wanted);
  if (!has("looked")) return "silent";
  return has("busy") ? "busy" : "running";
}

/** The answers among the lines of a text. */
export function answersIn(text: string): Answer[] {
  return text.split("\n").flatMap((line) => parseAnswer(line) ?? []);
}
