import { explainOtherHost } from "../../host/identity";
import type { WorkResult } from "../../host/long-work/transient-unit";
import { HostError, type HostErrorParts, RefusedError } from "../../remote";
import { answersIn } from "./observe";

type Place = Pick<HostErrorParts, "attempted" | "host">;

/** What a refusal on the host means to a user; any other error as it is. */
export function explainProvisionError(error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  return explained(error.parts, error.code, error.values, error) ?? explainOtherHost(error);
}

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
  return (
    explained({ ...place, details: printed }, code, values) ??
    new HostError({ ...place, happened: "it did not come to its end", advice: "What was printed:", details: printed })
  );
}

function explained(
  place: Place & Pick<HostErrorParts, "details">,
  code: string,
  [first = "", second = ""]: readonly string[],
  cause?: unknown,
): HostError | undefined {
  const explain = (happened: string, advice: string, details?: string) =>
    new HostError({ ...place, happened, advice, details, cause });
  switch (code) {
    case "not-running":
      return explain(
        `the machine "${first}" does not run`,
        "Set `running: true` on its NspawnMachine, or start it: what is done inside needs its system.",
      );
    case "no-bus":
      return explain(
        `the machine "${first}" runs, but its system does not answer`,
        `Look at its journal: journalctl -M ${first}`,
      );
    case "no-package":
      return explain(
        `${second} needs the package ${first}, and the machine does not have it`,
        `Add it to \`packages\` of its DebianRootfs: ${first}.`,
      );
    case "no-shell":
      return explain(
        `there is no ${second}, the shell of the user "${first}"`,
        "Add its package to `packages` of the DebianRootfs, or write another `shell`.",
      );
    case "user-failed":
      return explain(`the user "${first}" could not be made as it should be`, "What was printed:", place.details);
    case "group-failed":
      return explain(`the group "${first}" could not be made`, "What was printed:", place.details);
    case "keys-failed":
      return explain(`the authorized_keys of "${first}" could not be written`, "What was printed:", place.details);
    case "fetch-failed":
      return explain(
        `${first} could not be fetched, or has another hash than the one that is pinned`,
        "If its keys have changed, look at them and pin the new hash. What was printed:",
        second,
      );
    case "no-user":
    case "no-group":
      return explain(
        `there is no ${code.slice("no-".length)} "${first}" inside, and ${second} shall belong to it`,
        "Add it to `users`, or write a number.",
      );
    case "directory":
      return explain(`there is a directory ${first} where a file shall be`, "Remove it, or choose another path.");
    case "symlink":
      return explain(
        `${first} leads to ${second} by a symbolic link, which is not followed`,
        `Write the path that is meant: ${second}.`,
      );
    case "locked":
      return explain("other work in the machine holds its lock", "Wait for it, and try again.");
    default:
      return undefined;
  }
}
