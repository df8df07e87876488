import type { WorkResult } from "../../host/long-work/transient-unit";
import { sentenceFor } from "../../host/refusals";
import { HostError, type HostErrorParts } from "../../remote";
import { answersIn } from "./look";
import { provisionRefusals } from "./provision-refusals";

type Place = Pick<HostErrorParts, "attempted" | "host">;

/** The error of work that failed inside, explained by its output. */
export function explainWork(
  place: Place,
  result: Extract<WorkResult, { ok: false }>,
  redact: (text: string) => string,
): HostError {
  if (result.cancelled) {
    return new HostError({ ...place, happened: "it was stopped", advice: "The next `pulumi up` resumes it." });
  }
  const told = answersIn(result.log).map(({ key, values }) => ({ key, values: values.map(redact) }));
  const failed = told.findLast(({ key }) => key === "failed");
  if (failed !== undefined) {
    const [name = "", status = "", output = ""] = failed.values;
    return new HostError({
      ...place,
      happened: `the step "${name}" ended with exit status ${status}`,
      advice:
        "Earlier steps are done, later ones have not started. The next `pulumi up` resumes at this step. Last lines of its output:",
      details: output || "(no output)",
    });
  }
  const [code = "", ...values] = told.findLast(({ key }) => key === "refused")?.values ?? [];
  const printed = redact(
    result.log
      .split("\n")
      .filter((line) => !/^(?:pulumi-nspawn: |\[")/.test(line))
      .join("\n"),
  );
  const sentence = sentenceFor([provisionRefusals], code, values, undefined);
  const unknown = { happened: "it did not finish", advice: "Output:" };
  return new HostError({ ...place, details: printed, ...(sentence ?? unknown) });
}
