import type { WorkResult } from "../../host/long-work/transient-unit";
import { sentenceFor } from "../../host/refusals";
import { HostError, type HostErrorParts } from "../../remote";
import { answersIn } from "./look";
import { provisionRefusals } from "./provision-refusals";

type Place = Pick<HostErrorParts, "attempted" | "host">;

/** The error of work that failed inside, told by what it printed. */
export function explainWork(
  place: Place,
  result: Extract<WorkResult, { ok: false }>,
  redact: (text: string) => string,
): HostError {
  if (result.cancelled) {
    return new HostError({ ...place, happened: "it was stopped", advice: "The next `pulumi up` goes on with it." });
  }
  const told = answersIn(result.log).map(({ key, values }) => ({ key, values: values.map(redact) }));
  const failed = told.findLast(({ key }) => key === "failed");
  if (failed !== undefined) {
    const [name = "", status = "", output = ""] = failed.values;
    return new HostError({
      ...place,
      happened: `the step "${name}" ended with exit status ${status}`,
      advice:
        "What came before it is done, what comes after it was not begun. The next `pulumi up` goes on with this step. The end of its output:",
      details: output || "(it printed nothing)",
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
  const unknown = { happened: "it did not come to its end", advice: "What was printed:" };
  return new HostError({ ...place, details: printed, ...(sentence ?? unknown) });
}
