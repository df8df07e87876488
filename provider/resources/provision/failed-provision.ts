import { disksIn, explainFullDisk } from "../../host/disks";
import { explainEarlyEnd } from "../../host/jobs/ended-early";
import type { JobResult } from "../../host/jobs/transient-unit";
import { sentenceFor } from "../../host/refusals";
import { guestLines, HostError, type HostErrorParts, hostLines } from "../../remote";
import { answersIn } from "./inspection";
import { provisionRefusals } from "./provision-refusals";

/** Refusals that are about the host's view of a machine: work inside has no say in them. */
const HOSTS_CODES: readonly (string | undefined)[] = ["not-running", "no-bus", "locked", "guest-flood", "not-removed"];

type ErrorContext = Pick<HostErrorParts, "attempted" | "host">;

/** A text that Pulumi prints has no mark. */
const NOT_SHOWN =
  "(not shown, because inputs of the Provision are secret: see `pulumi stack export --show-secrets`, its `results`)";

/** Words of ssh(1) and git(1) that do not say what to write here. The output itself is hidden if it is secret. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /Host key verification failed|authenticity of host .* can't be established/,
    "The machine does not know the key of the repository's server: set `knownHosts` of the repository to the lines that `ssh-keyscan SERVER` prints, once you have compared them. ",
  ],
  [
    /Permission denied \(publickey/,
    "The repository's server accepts no key that the machine has: set `deployKey` of the repository to the name of a private key. ",
  ],
];

function hintFor(output: string): string {
  return HINTS.find(([words]) => words.test(output))?.[1] ?? "";
}

/** The error of work that failed inside, explained by its output. */
export function explainFailedJob(
  context: ErrorContext,
  result: Extract<JobResult, { ok: false }>,
  redact: (text: string) => string,
  { showsOutput }: { readonly showsOutput: boolean } = { showsOutput: true },
): HostError {
  const early = explainEarlyEnd(result, "resumes it");
  if (early !== undefined) return new HostError({ ...context, ...early });
  const { disks, rest } = disksIn(result.log);
  const said = (text: string) => answersIn(text).map(({ key, values }) => ({ key, values: values.map(redact) }));
  const inside = said(guestLines(result.log)).filter(
    ({ key, values: [code] }) => key !== "refused" || !HOSTS_CODES.includes(code),
  );
  const failed = inside.findLast(({ key }) => key === "failed");
  if (failed !== undefined) {
    const [name = "", status = "", output = ""] = failed.values;
    return new HostError({
      ...context,
      happened: `the step "${name}" ended with exit status ${status}`,
      advice: `${hintFor(output)}Earlier steps are done, later ones have not started. The next \`pulumi up\` resumes at this step. Last lines of its output:`,
      details: showsOutput ? output || "(no output)" : NOT_SHOWN,
    });
  }
  const refused = [...inside, ...said(hostLines(result.log))].findLast(({ key }) => key === "refused");
  const [code = "", ...values] = refused?.values ?? [];
  const printed = redact(
    rest
      .split("\n")
      .filter((line) => !/^(?:pulumi-nspawn: |\[")/.test(line))
      .join("\n"),
  );
  const sentence = sentenceFor([provisionRefusals], code, values, undefined);
  const unknown = { happened: "it did not finish", advice: "Output:" };
  const full = explainFullDisk(printed, disks);
  const details = showsOutput ? printed : NOT_SHOWN;
  return new HostError({ ...context, details, ...(sentence ?? unknown), ...full });
}
