import { explainOtherHost } from "../../host/identity";
import type { WorkResult } from "../../host/long-work/transient-unit";
import { HostError, type HostErrorParts, RefusedError } from "../../remote";
import { explainBuildLog } from "./build-log";
import type { RootfsInputs } from "./inputs";

/** What a refusal of the root's scripts means to a user; any other error as it is. */
export function explainRootError(inputs: RootfsInputs, error: unknown): unknown {
  if (!(error instanceof RefusedError)) return error;
  const { name } = inputs;
  const [first = "", second = ""] = error.values;
  const explain = (happened: string, advice: string, details?: string) =>
    new HostError({ ...error.parts, happened, advice, details, cause: error });
  switch (error.code) {
    case "owned":
      return explain(
        `the root "${name}" there belongs to ${urnOf(first)}`,
        "Give this one another name, or, if nobody uses that resource any more, take the root over as it is: `adopt: true`.",
      );
    case "foreign":
      return explain(
        `there is something at ${first} that pulumi-nspawn did not make`,
        "Give this root another name, or take over what is there as it is, with nothing in it changed: `adopt: true`.",
      );
    case "replaces":
      return explain(
        `a finished root of this very resource stands at ${first}, and a new one would take its place`,
        'If nothing in it is needed, set `dataLoss: "allow"`. To keep it and go on with it as it is, set `adopt: true`.',
      );
    case "adopt-suite":
      return explain(
        `the root at ${first} is ${second}, not ${inputs.suite}`,
        `Write what is there, \`suite: "${second}"\`, or give this root another name.`,
      );
    case "adopt-nothing":
      return explain(`what is at ${first} is no Debian root: it has no os-release(5)`, "Give this root another name.");
    case "no-space":
      return explain(
        `there is not enough space in /var/lib/machines: about ${mebibytes(first)} are needed, ${mebibytes(second)} are free`,
        "Make room there, or move it to a larger file system.",
      );
    case "missing":
      return explain(
        `${first.split(" ").join(", ")} ${first.includes(" ") ? "are" : "is"} not installed there`,
        "Set `install: true` on the Host, or run on the host:",
        `sudo apt-get install --no-install-recommends ${first}`,
      );
    case "no-keyring":
      return explain(`there is no file ${first}`, "`keyring` is the path of a keyring on the host, not of one here.");
    case "customise":
      return explain("what it was to be given could not be done", "What was printed:", error.parts.details);
    case "lost":
    case "root-gone":
      return explain("it is not there any more", "Run `pulumi refresh`, and then `pulumi up` makes it again.");
    case "in-use":
      return explain(`its unit ${first} is active`, `Remove or stop its machine first: sudo systemctl stop ${first}`);
    case "image-busy":
      return explain(
        `${first} is in use by a systemd-nspawn process`,
        "End it and try again; `ps -C systemd-nspawn` shows it.",
      );
    case "image-mounted":
      return explain("file systems are mounted in it", "Unmount them and try again:", second);
    case "image-symlink":
      return explain(
        `${first} is a symbolic link to ${second}`,
        "Only a directory of its own can be a root; remove the link by hand.",
      );
    case "base-gone":
      return explain(`the base ${first} was removed from the cache meanwhile`, "Run `pulumi up` again.");
    case "locked":
      return explain("another operation on it holds the lock", "Wait for it, and try again.");
    default:
      return explainOtherHost(error);
  }
}

/** The error of work that failed in its unit, told by the log. */
export function explainWork(
  inputs: RootfsInputs,
  place: Pick<HostErrorParts, "attempted" | "host">,
  result: Extract<WorkResult, { ok: false }>,
): HostError {
  if (result.cancelled) {
    return new HostError({ ...place, happened: "it was stopped", advice: "The next `pulumi up` begins it again." });
  }
  return new HostError({ ...place, ...explainBuildLog(inputs, result.log, result.unit) });
}

/** A marker holds the URN as JSON text. */
function urnOf(json: string): string {
  return json.replace(/^"|"$/g, "") || "an unknown resource";
}

function mebibytes(bytes: string): string {
  return `${Math.ceil(Number(bytes) / (1024 * 1024))} MiB`;
}
